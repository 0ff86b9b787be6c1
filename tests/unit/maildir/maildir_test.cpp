// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/maildir.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utime.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Address odd(std::string local) {
    return {LocalPart::from_trusted(std::move(local)), DomainName::from_trusted("one.example")};
}

mode_t mode_of(const std::string& path) {
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 07777;
}

} // namespace

TEST_CASE("an ordinary mailbox lies at DOMAIN/LOCAL, folded") {
    CHECK(mailbox_directory(address("Paul.M@one.example")) == "one.example/paul.m");
    CHECK(mailbox_directory(address("a+b=c_d-e@one.example")) == "one.example/a+b=c_d-e");
}

TEST_CASE("bytes that do not belong in a file name are encoded") {
    CHECK(mailbox_directory(odd("a/b")) == "one.example/a%2Fb");
    CHECK(mailbox_directory(odd("..")) == "one.example/%2E.");
    CHECK(mailbox_directory(odd(".hidden")) == "one.example/%2Ehidden");
    CHECK(mailbox_directory(odd("50%")) == "one.example/50%25");
    CHECK(mailbox_directory(odd("a b")) == "one.example/a%20b");
    CHECK(mailbox_directory(odd("")) == "one.example/%");
}

TEST_CASE("every local part has one safe directory name and no two share one") {
    CHECK(rc::check([] {
        const auto locals = *rc::gen::container<std::set<std::string>>(rc::gen::arbitrary<std::string>());
        std::set<std::string> names, keys;
        for (const auto& local : locals) {
            const auto path = mailbox_directory(odd(local));
            const auto name = path.substr(path.find('/') + 1);
            RC_ASSERT(path.starts_with("one.example/"));
            RC_ASSERT(name.find('/') == std::string::npos);
            RC_ASSERT(!name.empty());
            RC_ASSERT(name.front() != '.');
            names.insert(name);
            keys.insert(odd(local).local.key());
        }
        RC_ASSERT(names.size() == keys.size());
    }));
}

TEST_CASE("a missing mail root is temporary and is not made") {
    const MailRoot root;
    const auto store = MailStore::open(root / "unmounted", "mx.example");
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == ErrorKind::temporary);
    CHECK(names_in(root.path()).empty());
}

TEST_CASE("a mailbox is made on demand, private, with its three directories") {
    const MailRoot root;
    CHECK_FALSE(root.store().find_mailbox(address("paul@one.example")).value());
    REQUIRE(root.store().open_mailbox(address("paul@one.example")));
    CHECK(names_in(root / "one.example/paul") == std::vector<std::string>{"cur", "new", "tmp"});
    for (const char* path : {"one.example", "one.example/paul", "one.example/paul/cur", "one.example/paul/new"})
        CHECK(mode_of(root / path) == 0700);
    CHECK(root.store().find_mailbox(address("PAUL@one.example")).value());
}

TEST_CASE("many may make the same mailbox at once") {
    const MailRoot root;
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] { good += root.store().create_mailbox(address("paul@one.example")) ? 1 : 0; });
    for (auto& thread : threads)
        thread.join();
    CHECK(good == 16);
}

TEST_CASE("a symbolic link in place of a domain is followed, one in place of a mailbox is refused") {
    const MailRoot elsewhere, other, root; // of strangers' links: moving_test
    REQUIRE(::symlink(other.path().c_str(), (root / "one.example").c_str()) == 0);
    CHECK(root.store().open_mailbox(address("paul@one.example")));
    CHECK(names_in(other.path()) == std::vector<std::string>{"paul"});
    REQUIRE(::mkdir((root / "two.example").c_str(), 0700) == 0);
    REQUIRE(::symlink(elsewhere.path().c_str(), (root / "two.example/paul").c_str()) == 0);
    CHECK_FALSE(root.store().open_mailbox(address("paul@two.example")));
    CHECK(names_in(elsewhere.path()).empty());
}

TEST_CASE("a detail is a folder only if that folder exists") {
    const MailRoot root;
    const auto store = root.store();
    const auto mailbox = store.open_mailbox(address("paul@one.example")).value();
    REQUIRE(::mkdir((root / "one.example/paul/.lists").c_str(), 0700) == 0);
    write_file(root / "one.example/paul/.note", "no folder");
    REQUIRE(store.find_folder(mailbox, "lists").value());
    CHECK(store.find_folder(mailbox, "lists").value()->path() == "one.example/paul/.lists");
    for (const char* detail : {"absent", "note", "", "..", ".", "a/b", "~x"})
        CHECK_FALSE(store.find_folder(mailbox, detail).value());
}

TEST_CASE("many mailboxes are made at once, and those that are there stay") {
    const MailRoot root;
    std::vector<Address> many;
    for (int i = 0; i < 20; ++i)
        many.push_back(address(fmt::format("user{}@{}.example", i, i % 2 == 0 ? "one" : "two")));
    REQUIRE(root.store().create_mailboxes(many));
    REQUIRE(root.store().create_mailboxes(many));
    for (const auto& mailbox : many)
        CHECK(names_in(root / mailbox_directory(mailbox)) == std::vector<std::string>{"cur", "new", "tmp"});
}

TEST_CASE("only files that nobody touched for 36 hours are removed from tmp") {
    const MailRoot root;
    const auto mailbox = root.store().open_mailbox(address("paul@one.example")).value();
    const auto tmp = root / "one.example/paul/tmp";
    write_file(tmp + "/old", "x");
    REQUIRE(::mkdir((tmp + "/directory").c_str(), 0700) == 0);
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    CHECK(remove_stale_files(mailbox, now + std::chrono::hours(35)) == 0);
    CHECK(remove_stale_files(mailbox, now + std::chrono::hours(37)) == 1);
    CHECK(names_in(tmp) == std::vector<std::string>{"directory"});
}
