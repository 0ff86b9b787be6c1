// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/stale_files.hpp"

#include <doctest/doctest.h>

#include "maildirs.hpp"

#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

TEST_CASE("tmp is cleaned in mailboxes, folders and held mail, and nowhere else") {
    const MailRoot root;
    const auto make = [&](const std::string& path) { std::filesystem::create_directories(root / path); };
    const std::vector<std::string> places{"one.example/paul", "one.example/paul/.lists", "one.example/.candidates/joe",
                                          "one.example/.held/ann", "two.example/paul"};
    for (const auto& place : places) {
        make(place + "/tmp");
        make(place + "/new");
        write_file(root / (place + "/tmp/left"), "x");
        write_file(root / (place + "/new/mail"), "x");
    }
    make(".archive/one.example/paul/tmp");
    write_file(root / ".archive/one.example/paul/tmp/kept", "x");
    make("elsewhere/tmp");
    write_file(root / "elsewhere/tmp/foreign", "x");
    REQUIRE(::symlink("../../elsewhere", (root / "one.example/linked").c_str()) == 0);
    write_file(root / "one.example/note", "no mailbox");

    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto early = remove_all_stale_files(root.store(), now + std::chrono::hours(35));
    REQUIRE(early);
    CHECK(early->number == 0);
    const auto late = remove_all_stale_files(root.store(), now + std::chrono::hours(37));
    REQUIRE(late);
    CHECK(late->number == places.size());
    CHECK(late->unseen.empty());
    for (const auto& place : places) {
        CHECK(names_in(root / (place + "/tmp")).empty());
        CHECK(names_in(root / (place + "/new")) == std::vector<std::string>{"mail"});
    }
    CHECK(names_in(root / ".archive/one.example/paul/tmp") == std::vector<std::string>{"kept"});
    CHECK(names_in(root / "elsewhere/tmp") == std::vector<std::string>{"foreign"});
}
