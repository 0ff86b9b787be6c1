// SPDX-License-Identifier: Apache-2.0
// Mail in places that an administrator has put elsewhere, and mail that cannot be moved.
#include "test_site.hpp"

#include <algorithm>

using namespace mailctl;
using namespace mailctl::test;

namespace mail_trouble_tests {

namespace {

bool says(const Report& report, std::string_view part) {
    return std::ranges::any_of(report.notes, [&](const auto& note) { return note.find(part) != std::string::npos; });
}

std::uint64_t newest(const TestSite& site) {
    return std::stoull(TestSite::cell(good(list_history(site.world, 1)).rows.front(), "id"));
}

Result<Report> remove_mailbox(const TestSite& site, const std::string& name) {
    const std::vector targets{address(name)};
    return delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, {});
}

struct Two : TestSite {
    Two() {
        create_domain("one.example");
        create_domain("two.example");
        create_mailbox("paul@one.example");
        write("mail/one.example/paul/new/1.x", "mail");
    }
    [[nodiscard]] bool has_mail() const { return exists("mail/one.example/paul/new/1.x"); }
};

// Something that keeps the mail held for paul from being released.
void block_held_mail(const Two& site) {
    const auto tmp = site.path("mail/one.example/.held/paul/tmp");
    std::filesystem::create_directories(site.path("mail/one.example/.held/paul/new"));
    std::filesystem::create_directories(tmp + "/in the way");
}

// Nothing more can be archived from there by the next change: every name that it could have is taken.
void fill_archive(const Two& site, const std::string& local) {
    const auto next = newest(site) + 1;
    for (int attempt = 1; attempt <= 102; ++attempt) {
        const auto name = local + "-20261122T032800Z-" + std::to_string(next);
        std::filesystem::create_directories(site.path("mail/.archive/one.example/" + name +
                                                      (attempt == 1 ? "" : "-" + std::to_string(attempt)) + "/x"));
    }
}

Result<Report> rename(const Two& site, const std::string& from, const std::string& to) {
    return rename_mailbox_of(site.world, {address(from), address(to), false}, {});
}

Result<Report> reuse_name(const Two& site, const std::string& name) {
    auto again = new_mailbox(name);
    again.reuse = true;
    return create_mailboxes(site.world, std::vector{again}, {});
}

} // namespace

TEST_CASE("an archive that is no directory is seen before anything is written, and stops its own domain only") {
    Two site;
    std::filesystem::create_directories(site.path("mail/.archive"));
    site.write("mail/.archive/one.example", "a file");
    const auto before = newest(site);
    const auto error = bad(remove_mailbox(site, "paul@one.example"));
    CHECK(error.what.find("mail/.archive/one.example") != std::string::npos);
    CHECK(newest(site) == before);
    CHECK(site.outcome("paul@one.example") == "deliver");
    site.create_mailbox("zed@two.example");
}

TEST_CASE("a domain's directory that is none is named before anything is written") {
    Two site;
    std::filesystem::remove_all(site.path("mail/two.example"));
    site.write("mail/two.example", "a file");
    const auto error = bad(site.try_create_mailbox("zed@two.example"));
    CHECK(error.what.find("mail/two.example") != std::string::npos);
    CHECK_FALSE(site.exists("lib/history/pending"));
    site.create_mailbox("zed@one.example");
}

TEST_CASE("a domain's directory that is a link to another place works as any other") {
    Two site;
    const auto elsewhere = site.path("elsewhere");
    std::filesystem::rename(site.path("mail/one.example"), elsewhere);
    std::filesystem::create_symlink(elsewhere, site.path("mail/one.example"));
    site.create_mailbox("zed@one.example");
    CHECK(site.exists("elsewhere/zed/new"));
    good(remove_mailbox(site, "paul@one.example"));
    CHECK_FALSE(site.has_mail());
    good(revert_change(site.world, newest(site), {}));
    CHECK(site.has_mail());
    good(delete_domains(site.world, std::vector{domain("one.example")}, {}));
    CHECK_FALSE(site.exists("elsewhere/paul"));
}

TEST_CASE("mail that cannot be moved holds up nothing, and is moved as soon as that can be") {
    Two site;
    block_held_mail(site);
    const auto report = good(remove_mailbox(site, "paul@one.example"));
    CHECK(report.status != 0);
    CHECK(says(report, "some mail stays where it was"));
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(site.has_mail());
    CHECK_FALSE(site.exists("lib/history/pending"));
    const auto deletion = newest(site);
    site.create_mailbox("zed@two.example");
    SUBCASE("by apply") {
        CHECK(says(good(apply_hand_edits(site.world, {})), "mail of change " + std::to_string(deletion) + " stays"));
        std::filesystem::remove_all(site.path("mail/one.example/.held"));
        good(apply_hand_edits(site.world, {}));
        CHECK_FALSE(site.has_mail());
        good(revert_change(site.world, deletion, {}));
        CHECK(site.has_mail());
    }
    SUBCASE("or the change is reverted") {
        good(revert_change(site.world, deletion, {}));
        CHECK(site.has_mail());
        good(apply_hand_edits(site.world, {}));
        CHECK(site.has_mail());
        CHECK(site.outcome("paul@one.example") == "deliver");
    }
}

TEST_CASE("a rename whose mail cannot be moved ends all the same, and its mail is owed") {
    Two site;
    block_held_mail(site);
    const auto report = good(rename(site, "paul@one.example", "saul@one.example"));
    CHECK(report.status != 0);
    CHECK(says(report, "some mail stays where it was"));
    CHECK_FALSE(site.exists("lib/history/pending"));
    CHECK(site.outcome("saul@one.example") == "deliver");
    CHECK(site.outcome("paul@one.example") == "reject");
    const auto renaming = newest(site);
    site.create_mailbox("zed@two.example");
    const auto unblock = [&] { std::filesystem::remove_all(site.path("mail/one.example/.held/paul/tmp/in the way")); };
    const auto is_paid = [&] { return !site.exists("lib/history/unmoved/" + std::to_string(renaming) + "-renames"); };
    CHECK_FALSE(is_paid());
    SUBCASE("by apply") {
        CHECK(says(good(apply_hand_edits(site.world, {})), "mail of change " + std::to_string(renaming) + " stays"));
        unblock();
        good(apply_hand_edits(site.world, {}));
        CHECK(is_paid());
        CHECK(site.exists("mail/one.example/saul/new/1.x"));
    }
    SUBCASE("or by the next change of its domain") {
        unblock();
        good(site.set("saul@one.example", "name=Saul"));
        CHECK(is_paid());
    }
    SUBCASE("or not at all, if the change is reverted") {
        good(revert_change(site.world, renaming, {}));
        CHECK(site.outcome("paul@one.example") == "deliver");
        CHECK(site.has_mail());
        good(apply_hand_edits(site.world, {}));
        CHECK(site.has_mail());
        CHECK(is_paid());
    }
    SUBCASE("meanwhile neither name is given away, and the mailbox stays") {
        const auto before = newest(site);
        CHECK(bad(site.try_create_mailbox("paul@one.example")).what.find("paul@one.example") != std::string::npos);
        bad(remove_mailbox(site, "saul@one.example"));
        bad(rename(site, "saul@one.example", "pete@two.example"));
        CHECK(newest(site) == before);
        site.create_mailbox("ann@one.example");
        site.append("etc/domains/one.example.toml", "\n[mailbox.paul]\n");
        site.append("etc/domains/two.example.toml", "\n[mailbox.bob]\n");
        const auto applied = good(apply_hand_edits(site.world, {}));
        CHECK(applied.status != 0);
        CHECK(says(applied, "not applied"));
        CHECK(site.outcome("bob@two.example") == "deliver");
        CHECK(site.outcome("paul@one.example") == "reject");
        unblock();
        good(apply_hand_edits(site.world, {}));
        CHECK(site.outcome("paul@one.example") == "deliver");
    }
}

TEST_CASE("mail that comes late to a renamed mailbox joins what has arrived, with its folders") {
    Two site;
    block_held_mail(site);
    good(rename(site, "paul@one.example", "saul@one.example"));
    std::filesystem::rename(site.path("mail/one.example/saul"), site.path("mail/one.example/paul"));
    for (const char* part : {"saul/new", "saul/.Work/cur", "paul/.Work/cur", "paul/.Own/cur"})
        std::filesystem::create_directories(site.path("mail/one.example/" + std::string(part)));
    site.write("mail/one.example/saul/new/2.x", "new");
    site.write("mail/one.example/saul/.Work/cur/3.x", "new");
    site.write("mail/one.example/paul/.Work/cur/4.x", "old");
    site.write("mail/one.example/paul/.Own/cur/5.x", "old");
    std::filesystem::remove_all(site.path("mail/one.example/.held"));
    good(apply_hand_edits(site.world, {}));
    for (const char* file : {"new/1.x", "new/2.x", ".Work/cur/3.x", ".Work/cur/4.x", ".Own/cur/5.x"})
        CHECK(site.exists("mail/one.example/saul/" + std::string(file)));
    CHECK_FALSE(site.exists("mail/one.example/paul"));
}

TEST_CASE("a name that had an owner is not given away while his mail cannot leave, and nobody else waits for it") {
    Two site;
    good(remove_mailbox(site, "paul@one.example"));
    std::filesystem::create_directories(site.path("mail/one.example/paul/new"));
    site.write("mail/one.example/paul/new/1.x", "late");
    fill_archive(site, "paul");
    const auto before = newest(site);
    const auto text = site.domain_text("one.example");
    SUBCASE("the change is taken back") {
        CHECK(bad(reuse_name(site, "paul@one.example")).what.find("paul") != std::string::npos);
        CHECK(site.domain_text("one.example") == text);
    }
    SUBCASE("an edit by hand stays one") {
        site.append("etc/domains/one.example.toml", "\n[mailbox.paul]\n");
        bad(apply_hand_edits(site.world, {}));
        CHECK(site.domain_text("one.example").find("mailbox.paul") != std::string::npos);
    }
    CHECK(newest(site) == before);
    CHECK_FALSE(site.exists("lib/history/pending"));
    CHECK(site.outcome("paul@one.example") == "reject");
    CHECK(site.has_mail());
    site.create_mailbox("zed@two.example");
    std::filesystem::remove_all(site.path("mail/.archive/one.example"));
    if (site.domain_text("one.example") == text) good(reuse_name(site, "paul@one.example"));
    good(apply_hand_edits(site.world, {}));
    CHECK(site.outcome("paul@one.example") == "deliver");
    CHECK_FALSE(site.has_mail());
}

TEST_CASE("mail that was there before its mailbox is the mailbox's, and a dry run says so") {
    Two site;
    std::filesystem::create_directories(site.path("mail/two.example/ann/cur"));
    site.write("mail/two.example/ann/cur/1.a.b:2,S", "brought along");
    ChangeOptions dry;
    dry.dry_run = true;
    CHECK(says(good(site.try_create_mailbox("ann@two.example", dry)), "was there already"));
    CHECK(says(site.create_mailbox("ann@two.example"), "was there already"));
    CHECK(site.read("mail/two.example/ann/cur/1.a.b:2,S") == "brought along");
    CHECK(site.exists("mail/two.example/ann/new"));
}

TEST_CASE("what lies at the place of a name that somebody had before is not the new owner's") {
    Two site;
    good(remove_mailbox(site, "paul@one.example"));
    std::filesystem::create_directories(site.path("mail/one.example/paul/new"));
    site.write("mail/one.example/paul/new/1.x", "late");
    auto again = new_mailbox("paul@one.example");
    again.reuse = true;
    good(create_mailboxes(site.world, std::vector{again}, {}));
    CHECK_FALSE(site.has_mail());
}

TEST_CASE("a dry run says what becomes of mail") {
    Two site;
    ChangeOptions dry;
    dry.dry_run = true;
    const std::vector targets{address("paul@one.example")};
    const auto report =
        good(delete_mailboxes(site.world, {.mailboxes = targets, .redirect_to = {}, .archive_file = {}}, dry));
    CHECK(says(report, "mail of 'paul@one.example' would move to the archive area"));
}

TEST_CASE("a lost state is made again from what lies on disk") {
    Two site;
    good(remove_mailbox(site, "paul@one.example"));
    const auto held = site.path("mail/two.example/.candidates/stranger/new");
    std::filesystem::create_directories(held);
    site.write("mail/two.example/.candidates/stranger/new/1.x", "held");
    for (const char* file : {"lib/state.db", "lib/state.db-wal", "lib/state.db-shm"})
        std::filesystem::remove(site.path(file));
    const auto report = good(apply_hand_edits(site.world, {}));
    CHECK(says(report, "1 deleted mailboxes"));
    CHECK(says(report, "1 held messages"));
    CHECK(bad(site.try_create_mailbox("paul@one.example")).kind == ErrorKind::conflict);
    good(restore_mailbox_of(site.world, address("paul@one.example"), {}));
    CHECK(site.has_mail());
}

} // namespace mail_trouble_tests
