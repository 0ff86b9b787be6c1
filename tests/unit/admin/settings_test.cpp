// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/settings.hpp"

#include "mailctl/admin/completion_names.hpp"
#include "mailctl/admin/lists.hpp"
#include "test_site.hpp"

#include <algorithm>
#include <sys/stat.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Result<Report> configure(TestSite& site, const std::string& assignment) {
    const std::vector assignments{parse_assignment(assignment).value()};
    return set_settings(site.world, assignments, {});
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

} // namespace

TEST_CASE("init again changes nothing, with other answers it is refused") {
    TestSite site;
    const auto before = site.files();
    const auto changes_nothing = [](const Report& report) {
        return std::ranges::find(report.notes, "nothing to change") != report.notes.end(); // a site of root's warns too
    };
    CHECK(changes_nothing(good(init_site(site.world, {}, {}))));
    CHECK(changes_nothing(good(init_site(site.world, {domain("mx.test.example"), {}}, {}))));
    CHECK(bad(init_site(site.world, {domain("other.example"), {}}, {})).kind == ErrorKind::conflict);
    CHECK(site.files() == before);
}

TEST_CASE("secrets of a new site are not for everybody") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    CHECK((mode_of(site.path("etc/srs.secret")) & 07) == 0);
    CHECK((mode_of(site.path("etc/domains/one.example.toml")) & 07) == 0);
    CHECK(mode_of(site.path("lib/history")) == 0700);
    for (const auto& [path, text] : site.files())
        if (path.find("/lib/history/") != std::string::npos) CHECK((mode_of(path) & 077) == 0);
}

TEST_CASE("settings are set by the kind of their value and refused as a whole file") {
    TestSite site;
    good(configure(site, "delivery.single_instance=false"));
    good(configure(site, "delivery.max_hops=50"));
    good(configure(site, "source_ips=192.0.2.1 192.0.2.2"));
    const std::vector<std::string> keys{"delivery.max_hops"};
    const auto row = good(show_settings(site.world, keys)).rows.front();
    CHECK(TestSite::cell(row, "value") == "50");
    CHECK(TestSite::cell(row, "default") == "false");
    CHECK(good(configure(site, "delivery.max_hops=50")).notes.back() == "nothing to change");
    CHECK(exit_code(bad(configure(site, "delivery.over_quota=perhaps")).kind) == 4);
    CHECK(bad(configure(site, "delivery.max_hop=50")).hint == "did you mean 'delivery.max_hops'?");
}

TEST_CASE("a setting that would make a domain invalid is refused") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("a_b@one.example");
    const auto error = bad(configure(site, "addresses.local_part_characters=-."));
    CHECK(error.what.find("one.example.toml") != std::string::npos);
}

TEST_CASE("check names every finding of every file with its place") {
    TestSite site;
    site.create_domain("one.example");
    site.create_domain("two.example");
    CHECK(good(check_settings(site.world)).rows.empty());
    site.append("etc/domains/one.example.toml", "[mailbox.a]\nqouta = 1\nname = 7\n");
    site.append("etc/domains/two.example.toml", "[mailbox.b]\nstore = false\n");
    const auto report = good(check_settings(site.world));
    CHECK(report.status == 5);
    CHECK(report.rows.size() == 3);
    CHECK(TestSite::cell(report.rows.front(), "line") != "0");
}

TEST_CASE("apply is all or nothing, and names keys it does not act on yet") {
    TestSite site;
    site.create_domain("one.example");
    site.create_domain("two.example");
    const std::string good_two = site.domain_text("two.example");
    site.append("etc/domains/one.example.toml", "\n[mailbox.paul]\n\n[domain.dmarc]\npolicy = \"reject\"\n");
    site.append("etc/domains/two.example.toml", "\n[mailbox.ann]\nqouta = 1\n");
    const auto error = bad(apply_hand_edits(site.world, {}));
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.what.find("two.example.toml:") != std::string::npos);
    CHECK(site.outcome("paul@one.example") == "reject");
    site.write("etc/domains/two.example.toml", good_two);
    const auto report = good(apply_hand_edits(site.world, {}));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(std::ranges::any_of(report.notes,
                              [](const auto& note) { return note.find("domain.dmarc") != std::string::npos; }));
    CHECK(good(apply_hand_edits(site.world, {})).notes == std::vector<std::string>{"nothing to change"});
}

TEST_CASE("a broken mailctl.toml leaves the rules last applied in force, and that is said") {
    TestSite site;
    site.create_domain("one.example");
    site.append("etc/mailctl.toml", "nonsense = [\n");
    const auto notes = site.create_mailbox("paul@one.example").notes;
    CHECK(std::ranges::any_of(notes, [](const auto& note) { return note.find("mailctl.toml") != std::string::npos; }));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(bad(apply_hand_edits(site.world, {})).kind == ErrorKind::invalid);
}

TEST_CASE("a domain whose file was removed by hand is gone after an apply that confirms it") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    std::filesystem::remove(site.path("etc/domains/one.example.toml"));
    CHECK(bad(apply_hand_edits(site.world, {})).kind == ErrorKind::conflict);
    CHECK(site.outcome("paul@one.example") == "deliver");
    ChangeOptions confirmed;
    confirmed.confirmed = {domain("one.example")};
    good(apply_hand_edits(site.world, confirmed));
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("maps edited by hand are found, shown and mended") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    site.append("lib/maps/mailboxes", "evil@one.example evil\n");
    const auto checked = good(check_maps(site.world));
    CHECK(checked.status == 5);
    CHECK(TestSite::first_cells(checked) == std::vector<std::string>{"mailboxes"});
    CHECK(good(diff_maps(site.world)).text.find("-evil@one.example evil") != std::string::npos);
    good(build_maps(site.world, {}));
    CHECK(good(check_maps(site.world)).status == 0);
    const std::vector<std::string> unknown{"mailboxs"};
    CHECK(bad(show_maps(site.world, unknown)).hint == "did you mean 'mailboxes'?");
}

TEST_CASE("the shell is offered what exists") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    CHECK(complete_names(site.world, NameKind::domain, "on") == std::vector<std::string>{"one.example"});
    CHECK(complete_names(site.world, NameKind::mailbox, "pa") == std::vector<std::string>{"paul@one.example"});
    CHECK(complete_names(site.world, NameKind::mailbox, "paul@o") == std::vector<std::string>{"paul@one.example"});
    CHECK(complete_names(site.world, NameKind::alias, "").empty());
    good(create_aliases(site.world, std::vector{address("p@one.example")}, address("paul@one.example"), {}));
    good(create_forward(site.world, address("info@one.example"), std::vector{address("paul@one.example")}, {}));
    good(create_list(site.world, {address("team@one.example"), {address("paul@one.example")}, {}, {}}, {}));
    CHECK(complete_names(site.world, NameKind::alias, "") == std::vector<std::string>{"p@one.example"});
    CHECK(complete_names(site.world, NameKind::mailbox, "p") == std::vector<std::string>{"paul@one.example"});
    CHECK(complete_names(site.world, NameKind::forward, "") == std::vector<std::string>{"info@one.example"});
    CHECK(complete_names(site.world, NameKind::list, "t") == std::vector<std::string>{"team@one.example"});
    World nowhere;
    nowhere.paths = paths_below("/nonexistent");
    CHECK(complete_names(nowhere, NameKind::domain, "").empty());
}
