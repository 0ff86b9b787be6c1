// SPDX-License-Identifier: Apache-2.0
// Reverting from the end always works: whatever was done, undone last-first, gives the first texts again.
#include "mailctl/admin/history.hpp"

#include "test_site.hpp"

#include "mailctl/admin/mailbox_life.hpp"

#include <rapidcheck.h>

using namespace mailctl;
using namespace mailctl::test;

namespace revert_tests {

namespace {

std::uint64_t newest(const TestSite& site) {
    return std::stoull(TestSite::cell(good(list_history(site.world, 1)).rows.front(), "id"));
}

std::map<std::string, std::string> sources(const TestSite& site) {
    std::map<std::string, std::string> texts{{"mailctl.toml", site.read("etc/mailctl.toml")}};
    for (const auto& entry : std::filesystem::directory_iterator(site.path("etc/domains")))
        texts[entry.path().filename()] = good(load_file(entry.path()));
    return texts;
}

void remove_mailbox(const TestSite& site, const std::string& name) {
    const std::vector targets{address(name)};
    good(delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {}));
}

// One change of many kinds; those that cannot be made just now make none.
void change_somehow(TestSite& site, int kind, const std::string& name, int value) {
    const auto mailbox = address(name);
    const std::vector targets{mailbox};
    switch (kind) {
    case 0:
        static_cast<void>(site.try_create_mailbox(name));
        break;
    case 1:
        static_cast<void>(
            delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {}));
        break;
    case 2:
        static_cast<void>(site.set(name, "name=" + std::string(1, static_cast<char>('A' + value))));
        break;
    case 3:
        static_cast<void>(site.set(name, "aliases+=x" + std::to_string(value)));
        break;
    case 4:
        static_cast<void>(site.set(name, "aliases-=x" + std::to_string(value)));
        break;
    case 5:
        static_cast<void>(
            suspend_mailboxes(site.world, targets, Suspension{true, SuspendedReceive::defer, "", {}}, {}));
        break;
    case 6:
        static_cast<void>(resume_mailboxes(site.world, targets, {}));
        break;
    case 7:
        static_cast<void>(restore_mailbox_of(site.world, mailbox, {}));
        break;
    case 8: {
        const auto text = site.domain_text("one.example");
        site.append("etc/domains/one.example.toml", "\n[mailbox.hand" + std::to_string(value) + "]\n");
        // One that cannot be applied would stay on disk, and reverts keep what they do not know.
        if (!apply_hand_edits(site.world, {})) site.write("etc/domains/one.example.toml", text);
        break;
    }
    case 9:
        static_cast<void>(
            create_domains(site.world, std::vector{NewDomain{domain("two.example"), {}, {}, {}, {}}}, {}));
        break;
    case 10:
        static_cast<void>(delete_domains(site.world, std::vector{domain("two.example")}, {}));
        break;
    case 11:
        static_cast<void>(rename_mailbox_of(
            site.world, {.from = mailbox, .to = address("y" + std::to_string(value) + "@one.example")}, {}));
        break;
    case 12:
        static_cast<void>(set_domain(site.world, mailbox.domain,
                                     std::vector{parse_assignment("limits.mailboxes=" + std::to_string(value)).value()},
                                     {}));
        break;
    default:
        static_cast<void>(revert_change(site.world, newest(site), {}));
        break;
    }
}

} // namespace

TEST_CASE("created, deleted, and both undone from the end") {
    TestSite site;
    site.create_domain("one.example");
    const auto first = sources(site);
    site.create_mailbox("c@one.example");
    const auto created = newest(site);
    site.write("mail/one.example/c/new/1.x", "mail");
    remove_mailbox(site, "c@one.example");
    good(revert_change(site.world, newest(site), {}));
    CHECK(site.read("mail/one.example/c/new/1.x") == "mail");
    good(revert_change(site.world, created, {}));
    CHECK(sources(site) == first);
}

TEST_CASE("one value set twice is undone twice") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("c@one.example");
    const auto first = sources(site);
    good(site.set("c@one.example", "name=A"));
    const auto one = newest(site);
    good(site.set("c@one.example", "name=B"));
    good(revert_change(site.world, newest(site), {}));
    good(revert_change(site.world, one, {}));
    CHECK(sources(site) == first);
}

TEST_CASE("what a later change undid already is nothing to change") {
    TestSite site;
    site.create_domain("one.example");
    const auto first = sources(site);
    site.create_mailbox("c@one.example");
    const auto created = newest(site);
    good(revert_change(site.world, created, {}));
    CHECK(good(revert_change(site.world, created, {})).notes == std::vector<std::string>{"nothing to change"});
    CHECK(sources(site) == first);
}

TEST_CASE("a limit that was lowered since does not stop a revert") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("c@one.example");
    site.create_mailbox("d@one.example");
    const std::vector limit{parse_assignment("limits.mailboxes=1").value()};
    good(set_domain(site.world, domain("one.example"), limit, {}));
    remove_mailbox(site, "d@one.example");
    good(revert_change(site.world, newest(site), {}));
    CHECK(site.mailboxes().size() == 2);
}

TEST_CASE("any changes, undone last-first, give the first texts again") {
    CHECK(rc::check([] {
        TestSite site;
        site.create_domain("one.example");
        site.create_mailbox("a@one.example");
        std::vector<std::map<std::string, std::string>> texts{sources(site)};
        std::vector<std::uint64_t> changes;
        const int steps = *rc::gen::inRange(1, 14);
        for (int step = 0; step < steps; ++step) {
            const auto before = newest(site);
            const auto name = *rc::gen::element<std::string>("a@one.example", "b@one.example", "c@two.example");
            change_somehow(site, *rc::gen::inRange(0, 14), name, *rc::gen::inRange(0, 3));
            if (newest(site) == before) continue;
            changes.push_back(newest(site));
            texts.push_back(sources(site));
        }
        while (!changes.empty()) {
            texts.pop_back();
            const auto undone = revert_change(site.world, changes.back(), {});
            if (!undone) RC_FAIL("change " + std::to_string(changes.back()) + ": " + undone.error().what);
            RC_ASSERT(sources(site) == texts.back());
            changes.pop_back();
        }
        RC_ASSERT(good(check_maps(site.world)).status == 0);
    }));
}

} // namespace revert_tests
