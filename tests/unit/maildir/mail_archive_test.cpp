// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/mail_archive.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const ArchiveTag tag{noon, 7};

} // namespace

TEST_CASE("an archived mailbox is moved out of the way under a name of its own") {
    const MailRoot root;
    REQUIRE(root.store().create_mailbox(paul));
    const auto archived = archive_mailbox(root.store(), paul, tag).value();
    REQUIRE(archived);
    CHECK(archived->place == ".archive/one.example/paul-20231114T221320Z-7");
    CHECK(archived->place == archive_place(paul, tag));
    CHECK(archived->moved);
    CHECK(names_in(root / archived->place) == std::vector<std::string>{"cur", "new", "tmp"});
    CHECK_FALSE(root.store().find_mailbox(paul).value());
}

TEST_CASE("archiving again finds what is there, and a mailbox that came to be since goes beside it") {
    const MailRoot root;
    CHECK_FALSE(archive_mailbox(root.store(), paul, tag).value());
    REQUIRE(root.store().create_mailbox(paul));
    REQUIRE(archive_mailbox(root.store(), paul, tag).value());
    const auto again = archive_mailbox(root.store(), paul, tag).value();
    REQUIRE(again);
    CHECK_FALSE(again->moved);
    CHECK(again->place == archive_place(paul, tag));
    REQUIRE(root.store().create_mailbox(paul));
    const auto other = archive_mailbox(root.store(), paul, tag).value();
    REQUIRE(other);
    CHECK(other->moved);
    CHECK(other->place == archive_place(paul, tag) + "-2");
}

TEST_CASE("an archived mailbox is moved back, but never over another") {
    const MailRoot root;
    CHECK(restore_mailbox(root.store(), paul, tag).value() == Restored::not_archived);
    REQUIRE(root.store().create_mailbox(paul));
    REQUIRE(archive_mailbox(root.store(), paul, tag).value());
    CHECK(restore_mailbox(root.store(), paul, {noon, 8}).value() == Restored::not_archived);
    REQUIRE(root.store().create_mailbox(paul));
    CHECK(restore_mailbox(root.store(), paul, tag).value() == Restored::in_the_way);
    REQUIRE(archive_mailbox(root.store(), paul, {noon, 9}).value());
    CHECK(restore_mailbox(root.store(), paul, tag).value() == Restored::done);
    CHECK(root.store().find_mailbox(paul).value());
}

TEST_CASE("removing an archived mailbox removes all of it and nothing that a link leads to") {
    const MailRoot root;
    const TempDirectory elsewhere;
    write_file(elsewhere / "precious", "x");
    REQUIRE(root.store().create_mailbox(paul));
    write_file(root / "one.example/paul/new/1", "x");
    REQUIRE(::symlink(elsewhere.path().c_str(), (root / "one.example/paul/link").c_str()) == 0);
    const auto place = archive_mailbox(root.store(), paul, tag).value()->place;
    REQUIRE(remove_archived(root.store(), place));
    CHECK(names_in(root / ".archive/one.example").empty());
    CHECK(names_in(elsewhere.path()) == std::vector<std::string>{"precious"});
    CHECK(remove_archived(root.store(), place)); // once more
}

TEST_CASE("nothing outside the archive area is removed") {
    const MailRoot root;
    REQUIRE(root.store().create_mailbox(paul));
    for (const char* place : {"one.example/paul", ".archive/../one.example", ".archive/one.example/..", "", "/",
                              ".archive", ".archive/one.example", ".archive/one.example/", ".archive/a/b/c"})
        CHECK(remove_archived(root.store(), place).error().kind == ErrorKind::denied);
    CHECK(root.store().find_mailbox(paul).value());
}
