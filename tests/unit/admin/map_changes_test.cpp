// SPDX-License-Identifier: Apache-2.0
// Maps that are changed row by row say what maps made whole say, whatever changes.
#include "mailctl/change/maps/changes.hpp"

#include "mailctl/change/changes.hpp"
#include "mailctl/change/domain_part.hpp"
#include "mailctl/change/dry_run.hpp"
#include "test_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

using namespace mailctl;
using namespace mailctl::test;

namespace {

constexpr int domain_count = 3, name_count = 6; // of `locals`
const std::vector<std::string> locals{"ann", "bob", "catchrest", "postmaster", "eve-owner", "eve"};

std::string domain_of(int index) { return fmt::format("d{}.example", index % domain_count); }

// A few small tables, each taken from a list of texts: one change exchanges one of them.
struct Model {
    std::vector<int> names = std::vector<int>(name_count);
    int unknown = 0, banned = 0, alias = 0, state = 0;

    [[nodiscard]] std::string text(int self) const {
        const auto other = domain_of(self + 1), third = domain_of(self + 2);
        const std::vector<std::string> unknowns{R"({ action = "reject" })", R"({ action = "discard" })",
                                                R"({ action = "candidate" })",
                                                fmt::format(R"({{ action = "redirect", to = ["bob@{}"] }})", other),
                                                fmt::format(R"({{ action = "domain", domain = "{}" }})", domain_of(2))};
        const bool leads_to_itself = unknown == 4 && self == 2;
        std::string text =
            fmt::format("[domain]\nunknown = {}\n", unknowns[static_cast<std::size_t>(leads_to_itself ? 0 : unknown)]);
        if (alias != 0) text += fmt::format("aliases = [\"a{}.example\"]\n", self);
        if (state != 0) text += "state = \"suspended\"\n";
        for (int i = 0; i < name_count; ++i)
            text += entity(locals[static_cast<std::size_t>(i)], names[static_cast<std::size_t>(i)], other, third);
        const std::vector<std::string> bans{"", "ann = \"reject\"\n", "zed = \"discard\"\n", "\"x-*\" = \"reject\"\n"};
        return text + "[banished]\n" + bans[static_cast<std::size_t>(banned)];
    }
    static std::string entity(const std::string& name, int kind, const std::string& other, const std::string& third) {
        const std::string head = fmt::format("[mailbox.{}]\n", name);
        switch (kind) {
        case 1:
            return head;
        case 2:
            return head + fmt::format("password = \"{{CRYPT}}x\"\naliases = [\"{}1\"]\n", name);
        case 3:
            return head + fmt::format("store = false\nforward = [\"ann+x@{}\"]\naliases = [\"{}2\"]\n", other, name);
        case 4:
            return head + "suspend = { receive = \"reject\", login = true }\n";
        case 5:
            return fmt::format("[forward.{}]\nto = [\"bob@{}\", \"ann@{}\"]\n", name, other, third);
        case 6:
            return fmt::format("[forward.{}]\nto = [\"x@elsewhere.example\"]\n", name);
        case 7:
            return fmt::format("[list.{}]\nmembers = [\"bob@{}\"]\n", name, other);
        case 8:
            return head + "[mailbox." + name + ".autoreply]\nsubject = \"a\"\nmessage = \"b\"\n";
        default:
            return {};
        }
    }
    void mutate(int what, int value) {
        if (what < name_count)
            names[static_cast<std::size_t>(what)] = value % 9;
        else if (what == name_count)
            unknown = value % 5;
        else if (what == name_count + 1)
            banned = value % 4;
        else if (what == name_count + 2)
            alias = value % 2;
        else
            state = value % 2;
    }
};

class Maps {
  public:
    explicit Maps(const std::string& mode) {
        site.world.whole_maps_below = 0;
        good(set_settings(site.world,
                          std::vector{Assignment{"maps.mode", Assignment::Operation::set, mode},
                                      Assignment{"postmaster", Assignment::Operation::set, "ann@d0.example"}},
                          {}));
        for (int i = 0; i < domain_count; ++i)
            site.create_domain(domain_of(i));
    }
    // False: refused.
    bool exchange(int domain_index, int what, int value) {
        auto& model = models_[static_cast<std::size_t>(domain_index % domain_count)];
        const auto before = model;
        model.mutate(what, value);
        const auto path = fmt::format("etc/domains/{}.toml", domain_of(domain_index));
        const auto old_text = site.read(path);
        site.write(path, model.text(domain_index % domain_count));
        const auto plan = [&](const SiteView&) -> Result<ChangePlan> {
            ChangePlan hand_edit;
            hand_edit.files.try_emplace(SourceFile{domain(domain_of(domain_index))});
            return hand_edit;
        };
        ChangeOptions trying;
        trying.dry_run = true;
        const auto foretold = change(site.world, trying, plan);
        const auto rows_before = rows();
        const auto done = change(site.world, {}, plan);
        if (done) {
            CHECK(joined(rows_in_diffs(*foretold)) == joined(difference(rows_before, rows())));
            return true;
        }
        site.write(path, old_text);
        model = before;
        return false;
    }
    using Rows = std::multiset<std::string>; // "map: row"
    [[nodiscard]] Rows rows() const {
        Rows all;
        for (const auto& [path, text] : site.files()) {
            if (!path.contains("/lib/maps/")) continue;
            const auto name = path.substr(path.rfind('/') + 1);
            if (name.starts_with('.')) continue;
            for (const auto line : split(text, '\n'))
                if (!line.empty() && line.front() != '#') all.insert(fmt::format("{}: {}", name, hide_hashes(line)));
        }
        return all;
    }
    static std::string joined(const Rows& rows) { return fmt::format("{}", fmt::join(rows, "\n")); }
    // "-map: row" and "+map: row".
    static Rows difference(const Rows& before, const Rows& after) {
        Rows signs;
        std::vector<std::string> gone, come;
        std::ranges::set_difference(before, after, std::back_inserter(gone));
        std::ranges::set_difference(after, before, std::back_inserter(come));
        for (const auto& row : gone)
            signs.insert("-" + row);
        for (const auto& row : come)
            signs.insert("+" + row);
        return signs;
    }
    static Rows rows_in_diffs(const Report& report) {
        Rows gone, come;
        for (const auto& row : report.rows) {
            const auto file = TestSite::cell(row, "file");
            if (!file.contains("/lib/maps/")) continue;
            const auto diff = TestSite::cell(row, "diff");
            for (const auto line : split(diff, '\n')) {
                if (line.starts_with("---") || line.starts_with("+++") || line.size() < 2 || line[1] == '#') continue;
                if (line[0] != '-' && line[0] != '+') continue;
                (line[0] == '-' ? gone : come)
                    .insert(fmt::format("{}: {}", file.substr(file.rfind('/') + 1), line.substr(1)));
            }
        }
        return difference(gone, come); // a row that only stands elsewhere goes and comes
    }
    [[nodiscard]] std::string trouble() const {
        std::string text;
        for (const auto& row : good(check_maps(site.world)).rows)
            text += TestSite::cell(row, "map") + " " + TestSite::cell(row, "state") + "; ";
        return text;
    }
    [[nodiscard]] bool was_changed_in_place() const {
        return std::ranges::any_of(site.files(), [](const auto& file) {
            return file.first.find("/lib/maps/") != std::string::npos && file.second.contains(change_mark);
        });
    }

    TestSite site;

  private:
    std::vector<Model> models_ = std::vector<Model>(domain_count);
};

// Sites of their own, a dozen and more changes each; a change that validation refuses is none.
void check_mode(const std::string& mode) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        Maps maps(mode);
        std::mt19937 dice(seed);
        std::string steps;
        for (int step = 0; step < 15; ++step) {
            const auto [index, what, value] =
                std::array{static_cast<int>(dice() % domain_count), static_cast<int>(dice() % (name_count + 4)),
                           static_cast<int>(dice() % 9)};
            if (!maps.exchange(index, what, value)) continue;
            steps += fmt::format("{{{}, {}, {}}} ", index, what, value);
            CAPTURE(seed);
            CAPTURE(steps);
            REQUIRE(maps.trouble() == "");
        }
    }
}

} // namespace

TEST_CASE("maps changed row by row say what whole maps say: agent mode") { check_mode("agent"); }
TEST_CASE("maps changed row by row say what whole maps say: Postfix mode") { check_mode("postfix"); }

TEST_CASE("one new mailbox changes large maps in place and leaves nothing to build") {
    Maps maps("agent");
    const auto head = maps.site.read("lib/maps/mailboxes");
    maps.site.create_mailbox("ann@d1.example");
    CHECK(maps.site.read("lib/maps/mailboxes") == head + std::string(change_mark) + "ann@d1.example ann@d1.example\n");
    CHECK(maps.was_changed_in_place());
    CHECK(maps.trouble() == "");
    CHECK(good(build_maps(maps.site.world, {})).notes == std::vector<std::string>{"nothing to change"});
}

TEST_CASE("a forward to a mailbox elsewhere is accepted from the change on that makes the mailbox") {
    Maps maps("agent");
    REQUIRE(maps.exchange(0, 0, 5)); // ann@d0 forwards to bob@d1 and ann@d2
    REQUIRE(maps.exchange(1, 1, 1)); // bob@d1
    CHECK(maps.site.read("lib/maps/mailboxes").contains("\nann@d0.example ann@d0.example\n"));
    CHECK(maps.trouble() == "");
}

TEST_CASE("a map edited by hand is made whole by the next change") {
    Maps maps("agent");
    maps.site.create_mailbox("ann@d1.example");
    maps.site.append("lib/maps/mailboxes", "intruder@d1.example x\n");
    maps.site.create_mailbox("bob@d1.example");
    CHECK_FALSE(maps.site.read("lib/maps/mailboxes").contains("intruder"));
    CHECK(maps.trouble() == "");
}

TEST_CASE("small maps are made whole, their rows in order") {
    TestSite site;
    site.create_domain("d1.example");
    site.create_mailbox("bob@d1.example");
    site.create_mailbox("ann@d1.example");
    const auto rows = site.read("lib/maps/mailboxes");
    CHECK_FALSE(rows.contains(change_mark));
    CHECK(rows.find("\nann@d1.example ") < rows.find("\nbob@d1.example "));
}

TEST_CASE("a catchrest takes the place of candidates for all names of its domain") {
    Maps maps("agent");
    REQUIRE(maps.exchange(1, 0, 1));          // ann@d1
    REQUIRE(maps.exchange(1, name_count, 2)); // unknown names are candidates
    REQUIRE(maps.exchange(1, 2, 1));          // catchrest@d1
    CHECK(maps.trouble() == "");
}

TEST_CASE("the part of a domain that a change touches is the entities that differ") {
    Domain before(domain("a.example")), after(domain("a.example"));
    before.mailboxes["ann"].aliases = {"anna"};
    before.mailboxes["bob"];
    after.mailboxes["ann"];
    after.mailboxes["bob"];
    after.limits.mailboxes = 7;
    const auto part = changed_part(before, after);
    CHECK_FALSE(part.is_whole);
    CHECK(part.names == std::set<std::string>{"ann", "anna"});
    CHECK_FALSE(part.before->mailboxes.contains("bob"));
    after.aliases = {domain("b.example")};
    CHECK(changed_part(before, after).is_whole);
}
