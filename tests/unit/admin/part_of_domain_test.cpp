// SPDX-License-Identifier: Apache-2.0
// A change made from a part of a domain does all that the same change does when the whole was read.
#include "mailctl/site/part_of_domain.hpp"

#include "mailctl/admin/autoreplies.hpp"
#include "mailctl/admin/client_settings.hpp"
#include "mailctl/admin/lists.hpp"
#include "mailctl/admin/robots.hpp"
#include "mailctl/change/changes.hpp"
#include "test_site.hpp"

#include <fmt/format.h>

#include <random>

using namespace mailctl;
using namespace mailctl::test;

namespace {

constexpr auto never = std::numeric_limits<std::uint64_t>::max();
const std::vector<std::string> names{"ann", "bob", "catchrest", "eve",        "eve-owner",
                                     "fay", "gus", "joe",       "postmaster", "zoe"};

std::string start_text() {
    return R"([domain]
unknown = { action = "redirect", to = ["fay"] }

# Ann is first
[mailbox.ann]
aliases = ["a", "annie"]
[mailbox.ann.autoreply]
subject = "away"
message = """
[mailbox.bob]
back on Monday"""

[mailbox.bob]
forward = ["gus", "x@elsewhere.example"]

[mailbox.fay]
quota = "1 GiB"

# a friend
[mailbox.gus]
copy_to = ["ann+old@two.example"]

[forward.info]
to = ["bob", "annie"]

[mailbox.zoe]
name = "Zoë"

[list.eve]
members = ["ann", "zoe"]

[robot.joe]
message = "no"
copy_to = ["zoe"]

[banished]
spam = "discard"
)";
}

class LargeSite {
  public:
    LargeSite(std::uint64_t whole_domains_below, std::uint64_t whole_maps_below) {
        site.world.whole_domains_below = whole_domains_below;
        site.world.whole_maps_below = whole_maps_below;
        for (const auto* name : {"one.example", "two.example"}) {
            site.create_domain(name);
            site.write(fmt::format("etc/domains/{}.toml", name), start_text());
        }
        good(set_settings(site.world,
                          std::vector{Assignment{"postmaster", Assignment::Operation::set, "ann@one.example"}}, {}));
        for (const auto* name : {"one.example", "two.example"}) // applied by a change that says nothing else
            good(change(site.world, {}, [&](const SiteView&) -> Result<ChangePlan> {
                ChangePlan plan;
                plan.files.try_emplace(SourceFile{domain(name)});
                return plan;
            }));
    }
    // Everything that a change leaves behind, without what tells one site from another.
    [[nodiscard]] std::string state() const {
        std::string text;
        for (const auto* name : {"one.example", "two.example"})
            text += site.domain_text(name) + site.read(fmt::format("lib/history/applied/domains/{}.toml", name)) +
                    rows(name);
        for (const auto* map : {"domains", "mailboxes", "transport", "sender-login", "dovecot-users"})
            text += without_place(site.read(fmt::format("lib/maps/{}", map)));
        return text;
    }
    [[nodiscard]] std::string told(const Result<Report>& result) const {
        if (!result) return without_place(result.error().what + " / " + result.error().hint);
        std::string text = fmt::format("{}: ", result->status);
        for (const auto& note : result->notes)
            text += without_place(note) + "; ";
        return text;
    }

    [[nodiscard]] std::string shown(const Result<Report>& result) const {
        return told(result) + (result ? without_place(render(*result, Format::json, Colour::off, 0)) : "");
    }

    TestSite site;

  private:
    [[nodiscard]] std::string without_place(std::string text) const {
        const auto& root = site.world.paths.root;
        for (auto at = text.find(root); at != text.npos; at = text.find(root))
            text.erase(at, root.size());
        return text;
    }
    [[nodiscard]] std::string rows(const std::string& name) const {
        const auto directory = good(Directory::open(site.world.paths.directory));
        const auto snapshot = good(directory.snapshot());
        std::string text = good(snapshot->find_source(domain(name)))->digest + "\n";
        for (const auto& [local, entry] : good(snapshot->names_beginning(domain(name), ""))) {
            const auto responder = good(snapshot->find_responder(domain(name), local));
            text += fmt::format("{} {} {}\n", local, entry.index(), responder ? responder->message : "");
            if (const auto* mailbox = std::get_if<MailboxEntry>(&entry))
                text += fmt::format("{} {} {} {}\n", mailbox->mailbox, mailbox->quota.bytes, mailbox->forward.size(),
                                    mailbox->suspend.has_value());
        }
        for (const auto* asked : {"one.example", "two.example", "elsewhere.example"})
            for (const auto& [real, mentions] : good(snapshot->find_mentions(domain(asked))))
                for (const auto& mention : mentions)
                    text += fmt::format("{} by {}: {} for {}\n", asked, real.text(), mention.local, mention.holder);
        return text;
    }
};

ReplyText reply(const std::string& message) {
    ReplyText text;
    text.message = message;
    return text;
}

// The same dice give the same change.
Result<Report> change_at_random(const World& world, std::mt19937& dice) {
    const auto any = [&] {
        return address(names[dice() % names.size()] + (dice() % 2 == 0 ? "@one.example" : "@two.example"));
    };
    const std::vector one{any()};
    const auto other = any();
    const auto word = std::string(other.local.text());
    switch (dice() % 19) {
    case 0: {
        auto request = new_mailbox(one[0].text());
        request.reuse = true;
        if (dice() % 2 == 0) request.aliases = {word + "-x"};
        if (dice() % 2 == 0) request.forward = {other};
        return create_mailboxes(world, std::vector{request}, {});
    }
    case 1:
        return set_mailboxes(world, one, std::vector{parse_assignment("quota=2 GiB").value()}, {});
    case 2:
        return set_mailboxes(world, one, std::vector{parse_assignment("aliases+=" + word).value()}, {});
    case 3:
        return set_mailboxes(world, one, std::vector{parse_assignment("forward=" + other.text()).value()}, {});
    case 4: {
        Deletion deletion;
        deletion.mailboxes = one;
        if (dice() % 2 == 0) deletion.redirect_to = other;
        return delete_mailboxes(world, deletion, {});
    }
    case 5:
        return create_aliases(world, std::vector{address(word + "-y@" + other.domain.text())}, one[0], {});
    case 6:
        return delete_aliases(world, std::vector{address("annie@" + other.domain.text())}, {});
    case 7:
        return create_forward(world, one[0], std::vector{other}, {});
    case 8:
        return delete_forwards(world, one, {});
    case 9:
        return suspend_mailboxes(world, one, Suspension{true, SuspendedReceive::reject, "", {}}, {});
    case 10:
        return create_list(world, {one[0], {other, address("ann@one.example")}, {}, {}}, {});
    case 11:
        return dice() % 2 == 0 ? add_members(world, one[0], std::vector{other}, {})
                               : remove_members(world, one[0], std::vector{other}, {});
    case 12:
        return set_list(world, one[0], std::vector{parse_assignment("post=" + other.text()).value()}, {});
    case 13:
        return delete_lists(world, one, {});
    case 14:
        return create_robot(world, {one[0], reply("to " + word), {other}}, {});
    case 15:
        return set_robots(world, one, std::vector{parse_assignment("copy_to+=" + other.text()).value()}, {});
    case 16:
        return dice() % 2 == 0 ? switch_robots(world, one, dice() % 2 == 0 ? Switch::on : Switch::off, {})
                               : delete_robots(world, one, {});
    case 17:
        return dice() % 2 == 0 ? set_autoreply(world, one[0], {reply(word), {}, {}}, {})
                               : switch_autoreplies(world, one, dice() % 2 == 0 ? Switch::on : Switch::off, {});
    default:
        return set_passwords(world, std::vector{NewPassword{one[0], "{CRYPT}$6$x$" + word}}, {});
    }
}

void check_against_whole(std::uint64_t whole_maps_below) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        LargeSite whole(never, whole_maps_below), part(0, whole_maps_below);
        REQUIRE(part.state() == whole.state());
        for (unsigned step = 0; step < 20; ++step) {
            std::mt19937 dice(seed * 100 + step), same(seed * 100 + step);
            CAPTURE(seed);
            CAPTURE(step);
            REQUIRE(part.told(change_at_random(part.site.world, same)) ==
                    whole.told(change_at_random(whole.site.world, dice)));
            REQUIRE(part.state() == whole.state());
        }
    }
}

} // namespace

TEST_CASE("a change from a part of a domain is the change from the whole: maps made whole") {
    check_against_whole(never);
}
TEST_CASE("a change from a part of a domain is the change from the whole: maps changed in place") {
    check_against_whole(0);
}

TEST_CASE("what is shown from a part of a domain is what is shown from the whole") {
    LargeSite whole(never, never), part(0, never);
    REQUIRE(part.state() == whole.state());
    std::vector<std::string> asked = names;
    asked.insert(asked.end(), {"annie", "info", "spam", "nobody", "zo"});
    for (const auto* at : {"@one.example", "@two.example", "@three.example"})
        for (const auto& name : asked) {
            const std::vector addresses{address("ann@one.example"), address(name + at)};
            for (const std::span about : {std::span(addresses), std::span(addresses).subspan(1)}) {
                CAPTURE(name);
                CAPTURE(at);
                const auto shown_by_both = [&](const auto& show) {
                    CHECK(part.shown(show(part.site.world, about)) == whole.shown(show(whole.site.world, about)));
                };
                shown_by_both(show_mailboxes);
                shown_by_both(show_forwards);
                shown_by_both(show_lists);
                shown_by_both(show_robots);
                shown_by_both(show_autoreplies);
                shown_by_both(
                    [](const World& world, std::span<const Address> some) { return mailbox_usage(world, some, {}); });
                shown_by_both([](const World& world, std::span<const Address> some) {
                    return mailbox_usage(world, some, std::vector{domain("one.example")});
                });
                shown_by_both([](const World& world, std::span<const Address> some) {
                    return show_client_settings(world, some, SettingsFormat::text);
                });
            }
        }
}

TEST_CASE("what is shown needs no compiled directory") {
    LargeSite site(0, never);
    const std::vector about{address("ann@one.example")};
    const auto before = site.shown(show_mailboxes(site.site.world, about));
    site.site.write("lib/directory/data.mdb", std::string(8192, 'x'));
    CHECK(good(good(SiteView::open(site.site.world)).compiled()) == nullptr);
    CHECK(site.shown(show_mailboxes(site.site.world, about)) == before);
}

TEST_CASE("a part holds whom it is about, who mentions them, and what stands beside them") {
    LargeSite site(0, never);
    const auto view = good(SiteView::open(site.site.world));
    REQUIRE(good(view.read_in_part(std::vector{address("annie@one.example")}, 0)));
    const auto* part = good(view.find_domain(domain("one.example")));
    CHECK(part->mailboxes.contains("ann"));
    CHECK(part->forwards.contains("info"));
    CHECK(part->lists.contains("eve"));
    CHECK_FALSE(part->mailboxes.contains("fay"));
}

TEST_CASE("a large domain that was edited by hand, or has limits, is read whole") {
    LargeSite site(0, never);
    const std::vector about{address("ann@one.example")};
    const auto is_read_in_part = [&](std::uint64_t size) {
        return good(good(SiteView::open(site.site.world)).read_in_part(about, size));
    };
    CHECK(is_read_in_part(0));
    CHECK_FALSE(is_read_in_part(1 << 20));
    const auto text = site.site.domain_text("one.example");
    site.site.append("etc/domains/one.example.toml", "# by hand\n");
    CHECK_FALSE(is_read_in_part(0));
    site.site.write("etc/domains/one.example.toml", text);
    CHECK(is_read_in_part(0));
    good(set_domain(site.site.world, domain("one.example"), std::vector{parse_assignment("limits.mailboxes=5").value()},
                    {}));
    CHECK_FALSE(is_read_in_part(0));
    CHECK_FALSE(site.site.try_create_mailbox("new@one.example"));
}
