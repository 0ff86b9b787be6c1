// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/mailbox_clearing.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Full : MailRoot {
    Maildir mailbox = store().open_mailbox(paul).value();

    Full() {
        for (const char* folder : {"/.Sent", "/.Sent/new", "/.Sent/cur", "/.Work.2025", "/.Work.2025/cur"})
            REQUIRE(::mkdir((root() + folder).c_str(), 0700) == 0);
        put("new/1700000001.a", 10);
        put("cur/1700000002.b,S=3:2,S", 400);
        put(".Sent/cur/3:2,", 10);
        put(".Work.2025/cur/4:2,", 400);
        for (const char* own : {"dovecot-uidlist", "maildirsize", "cur/.hidden", ".Sent/dovecot.index", "tmp/5"})
            write_file(root() + '/' + own, "x");
    }
    [[nodiscard]] std::string root() const { return *this / "one.example/paul"; }
    void put(const std::string& name, int days_old) const {
        write_file(root() + '/' + name, "mail");
        const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000 - days_old * 86400L, 0}};
        REQUIRE(::utimensat(AT_FDCWD, (root() + '/' + name).c_str(), times, 0) == 0);
    }
};

} // namespace

TEST_CASE("all messages of all folders are removed, and nothing else") {
    const Full full;
    const auto cleared = clear_mailbox(full.mailbox, {}).value();
    REQUIRE(cleared);
    CHECK(cleared->messages == 4);
    CHECK(cleared->bytes == 16);
    CHECK(names_in(full.root() + "/cur") == std::vector<std::string>{".hidden"});
    CHECK(names_in(full.root() + "/new").empty());
    CHECK(names_in(full.root() + "/tmp") == std::vector<std::string>{"5"});
    CHECK(names_in(full.root() + "/.Sent") == std::vector<std::string>{"cur", "dovecot.index", "new"});
    CHECK(names_in(full.root() + "/.Work.2025/cur").empty());
    CHECK(content_of(full.root() + "/dovecot-uidlist") == "x");
    CHECK(content_of(full.root() + "/maildirsize").empty()); // to be counted anew
}

TEST_CASE("one folder, or one age, is cleared alone") {
    const Full full;
    CHECK(clear_mailbox(full.mailbox, {.folder = "Sent", .before = {}}).value()->messages == 1);
    CHECK(clear_mailbox(full.mailbox, {.folder = {}, .before = noon - std::chrono::days(30)}).value()->messages == 2);
    CHECK(clear_mailbox(full.mailbox, {.folder = "INBOX", .before = {}}).value()->messages == 1);
    CHECK(clear_mailbox(full.mailbox, {}).value()->messages == 0);
}

TEST_CASE("a dry run counts and removes nothing") {
    const Full full;
    CHECK(clear_mailbox(full.mailbox, {.folder = {}, .before = {}, .dry_run = true}).value()->messages == 4);
    CHECK(clear_mailbox(full.mailbox, {.folder = {}, .before = {}, .dry_run = true}).value()->messages == 4);
    CHECK(content_of(full.root() + "/maildirsize") == "x");
}

TEST_CASE("a folder that is not there is not an empty one") {
    const Full full;
    for (const char* folder : {"Trash", "", "..", "../ringo", "Work", "a.b"})
        CHECK_FALSE(clear_mailbox(full.mailbox, {.folder = folder, .before = {}}).value());
}

TEST_CASE("the last delivery is read from the names") {
    const Full full;
    CHECK(find_last_delivery(full.mailbox) == Instant(std::chrono::seconds(1'700'000'002)));
    REQUIRE(clear_mailbox(full.mailbox, {}));
    CHECK_FALSE(find_last_delivery(full.mailbox));
}
