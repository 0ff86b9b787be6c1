// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/changes.hpp"

#include "test_site.hpp"

#include <algorithm>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

bool holds(const std::vector<std::string>& all, std::string_view part) {
    return std::ranges::any_of(all, [&](const auto& each) { return each.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("a change writes the file, the compiled directory, the maps and the history") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    CHECK(site.domain_text("one.example").find("[mailbox.paul]") != std::string::npos);
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(site.outcome("nobody@one.example") == "reject");
    CHECK(good(check_maps(site.world)).status == 0);
    CHECK(site.read("lib/maps/mailboxes").find("paul@one.example") != std::string::npos);
    const auto history = good(list_history(site.world, 1));
    CHECK(TestSite::cell(history.rows.front(), "actor") == "tester");
    CHECK(site.exists("mail/one.example/paul/new"));
}

TEST_CASE("a dry run shows the diffs of files and maps and writes nothing") {
    TestSite site;
    site.create_domain("one.example");
    const auto before = site.files();
    ChangeOptions dry;
    dry.dry_run = true;
    const auto report = good(site.try_create_mailbox("paul@one.example", dry));
    CHECK(report.text.find("+[mailbox.paul]") != std::string::npos);
    CHECK(report.text.find("lib/maps/mailboxes") != std::string::npos);
    CHECK(site.files() == before);
}

TEST_CASE("a change that would not validate writes nothing") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    const auto before = site.files();
    const auto error = bad(site.set("paul@one.example", "store=false")); // without a forward
    CHECK(exit_code(error.kind) == 4);
    CHECK(error.what.starts_with("domain 'one.example': "));
    CHECK(site.files() == before);
}

TEST_CASE("the same change again is nothing to change") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    const auto before = site.files();
    CHECK(site.create_mailbox("paul@one.example").notes == std::vector<std::string>{"nothing to change"});
    CHECK(site.files() == before);
}

TEST_CASE("a broken file of one domain does not stand in the way of another") {
    TestSite site;
    site.create_domain("one.example");
    site.create_domain("two.example");
    site.create_mailbox("ann@two.example");
    site.append("etc/domains/two.example.toml", "[mailbox.bob]\nqouta = \"1 GiB\"\n");
    site.create_mailbox("paul@one.example");
    CHECK(site.outcome("ann@two.example") == "deliver"); // the last good state stays in force
    CHECK(good(check_maps(site.world)).status == 5);     // not applied
    const auto error = bad(site.try_create_mailbox("carl@two.example"));
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.what.find("qouta") != std::string::npos);
}

TEST_CASE("hand edits take effect with a command on the same file and are told apart in the history") {
    TestSite site;
    site.create_domain("one.example");
    site.append("etc/domains/one.example.toml", "\n[mailbox.byhand]\n");
    CHECK(site.outcome("byhand@one.example") == "reject");
    CHECK(holds(site.create_mailbox("paul@one.example").notes, "by hand"));
    CHECK(site.outcome("byhand@one.example") == "deliver");
    const auto newest = good(list_history(site.world, 1)).rows.front();
    const auto id = std::stoull(TestSite::cell(newest, "id"));
    good(revert_change(site.world, id, {}));
    CHECK(site.mailboxes().empty());
}

TEST_CASE("a lock that is held makes a change temporary") {
    TestSite site;
    site.create_domain("one.example");
    const auto lock = good(Lock::acquire(site.world.paths.lock, 0ms, "another"));
    ChangeOptions impatient;
    impatient.lock_timeout = 20ms;
    CHECK(bad(site.try_create_mailbox("paul@one.example", impatient)).kind == ErrorKind::temporary);
    CHECK(site.mailboxes().empty()); // readers never wait
}

TEST_CASE("without a site a change says so and makes nothing") {
    TempDirectory directory;
    World world;
    world.paths = paths_below(directory / "nowhere");
    const auto error = bad(list_domains(world));
    CHECK(error.kind == ErrorKind::missing);
    const std::vector requests{new_mailbox("a@one.example")};
    CHECK(bad(create_mailboxes(world, requests, {})).kind == ErrorKind::missing);
    CHECK_FALSE(std::filesystem::exists(directory / "nowhere"));
}

TEST_CASE("readers look through an unfinished change, and the next writer finishes it") {
    TestSite site;
    site.create_domain("one.example");
    const std::string before = site.domain_text("one.example"), after = before + "\n[mailbox.paul]\n";
    HistoryRecord record{99, site.time, "tester", "mailctl killed", "", {}, {}};
    record.files = {make_file_change("domains/one.example.toml", before, after)};
    REQUIRE(save_pending(site.world.paths.history, record));
    CHECK(site.mailboxes() == std::vector<std::string>{"paul@one.example"});
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(site.domain_text("one.example") == before);
    CHECK(holds(site.create_mailbox("ringo@one.example").notes, "finished change 99"));
    CHECK(site.domain_text("one.example").starts_with(after));
    CHECK(site.mailboxes().size() == 2);
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("a hand edit made while a change is unfinished is kept") {
    TestSite site;
    site.create_domain("one.example");
    const std::string before = site.domain_text("one.example");
    HistoryRecord record{99, site.time, "tester", "mailctl killed", "", {}, {}};
    record.files = {make_file_change("domains/one.example.toml", before, before + "\n[mailbox.paul]\n")};
    REQUIRE(save_pending(site.world.paths.history, record));
    const std::string edited = before + "\n[mailbox.mine]\n";
    site.write("etc/domains/one.example.toml", edited);
    const auto report = good(apply_hand_edits(site.world, {}));
    CHECK(site.domain_text("one.example") == edited);
    CHECK(site.mailboxes() == std::vector<std::string>{"mine@one.example"});
    CHECK(holds(report.notes, "edited by hand meanwhile"));
}

TEST_CASE("killed at any moment a change over two domains leaves the old or the new state") {
    TestSite site;
    site.create_domain("one.example");
    site.create_domain("two.example");
    const auto create_in_both = [&](const std::string& name) {
        const std::vector requests{new_mailbox(name + "@one.example"), new_mailbox(name + "@two.example")};
        return create_mailboxes(site.world, requests, {});
    };
    const auto start = std::chrono::steady_clock::now();
    good(create_in_both("first"));
    const auto takes = std::chrono::steady_clock::now() - start;
    constexpr int rounds = 60;
    int seen_old = 0, seen_new = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string name = "user" + std::to_string(round);
        const std::size_t count = site.mailboxes().size();
        const pid_t child = ::fork();
        if (child == 0) ::_exit(create_in_both(name) ? 0 : 1);
        std::this_thread::sleep_for(takes * 2 * round / rounds);
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        const std::size_t now = site.mailboxes().size();
        const bool is_old = now == count, is_new = now == count + 2;
        CHECK((is_old || is_new));
        CHECK((site.outcome(name + "@one.example") == "deliver") == is_new);
        if (WIFEXITED(status)) CHECK((WEXITSTATUS(status) == 0) == is_new);
        seen_old += is_old, seen_new += is_new;
        good(apply_hand_edits(site.world, {}));
        CHECK(site.mailboxes().size() == now);
        CHECK(good(check_maps(site.world)).status == 0);
        CHECK_FALSE(site.exists("lib/history/pending"));
    }
    CHECK(seen_old > 0);
    CHECK(seen_new > 0);
}

TEST_CASE("two writers at once lose nothing") {
    TestSite site;
    site.create_domain("one.example");
    constexpr int each = 25;
    ChangeOptions patient;
    patient.lock_timeout = 120s;
    std::vector<pid_t> children;
    for (int writer = 0; writer < 2; ++writer) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (int i = 0; i < each; ++i) {
                const auto name = std::string(writer == 0 ? "a" : "b") + std::to_string(i) + "@one.example";
                if (!site.try_create_mailbox(name, patient)) ::_exit(1);
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(site.mailboxes().size() == 2 * each);
    CHECK(good(check_maps(site.world)).status == 0);
}

TEST_CASE("what is made from the files is made again where it was lost") {
    TestSite site;
    site.create_domain("one.example");
    site.create_mailbox("paul@one.example");
    site.create_domain("two.example");
    SUBCASE("the compiled directory") { std::filesystem::remove_all(site.world.paths.directory); }
    SUBCASE("the maps") { std::filesystem::remove_all(site.world.paths.maps); }
    SUBCASE("all of lib") {
        std::filesystem::remove_all(site.world.paths.lib);
        std::filesystem::create_directory(site.world.paths.lib);
    }
    SUBCASE("all of lib, and the first command is about another domain") {
        std::filesystem::remove_all(site.world.paths.lib);
        std::filesystem::create_directory(site.world.paths.lib);
        site.create_mailbox("ann@two.example");
    }
    good(apply_hand_edits(site.world, {}));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK(good(check_maps(site.world)).status == 0);
    CHECK(site.exists("mail/one.example/paul/new")); // mail that was there stays where it is
    CHECK_FALSE(site.exists("mail/.archive/one.example"));
}

TEST_CASE("a missing mail root refuses new mailboxes as temporary, before anything is written") {
    TestSite site;
    site.create_domain("one.example");
    std::filesystem::remove_all(site.world.paths.mail);
    const auto before = site.files();
    CHECK(bad(site.try_create_mailbox("paul@one.example")).kind == ErrorKind::temporary);
    CHECK(site.files() == before);
}
