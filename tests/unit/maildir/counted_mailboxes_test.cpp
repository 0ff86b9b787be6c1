// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/counted_mailboxes.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct CountedMailbox {
    MailRoot root;
    MailStore store = root.store();
    Maildir maildir = store.open_mailbox(paul).value();
    std::string path = root / "one.example/paul";
    CountedMailboxes counted;
    Instant time = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());

    [[nodiscard]] bool is_over(std::uint64_t message) {
        return counted.is_over(maildir, {ByteCount{1000}, 0}, ByteCount{message}, time);
    }
    void write(const std::string& name, std::string_view text = "x") const { write_file(path + "/" + name, text); }
};

} // namespace

TEST_CASE("at RCPT a mailbox whose maildirsize leaves it in doubt is counted, and nothing is written") {
    CountedMailbox mailbox;
    CHECK_FALSE(mailbox.is_over(1000));
    CHECK(mailbox.is_over(1001)); // no maildirsize: it never fits
    mailbox.write("new/1.a,S=600");
    mailbox.write("maildirsize", "1000S\n100 1\n500 1\n"); // two lines: "over" is not to be believed
    CHECK_FALSE(mailbox.is_over(400));
    CHECK(mailbox.is_over(401));
    mailbox.write("maildirsize", "1000S\n100 1\n900 1\n"); // it exaggerates
    CHECK_FALSE(mailbox.is_over(400));
    CHECK(mailbox.is_over(401));
    CHECK(content_of(mailbox.path + "/maildirsize") == "1000S\n100 1\n900 1\n");
    CHECK(names_in(mailbox.path + "/tmp").empty());
}

TEST_CASE("a count is remembered for a while, and until maildirsize is written") {
    CountedMailbox mailbox;
    mailbox.write("new/1.a,S=1000");
    CHECK(mailbox.is_over(1));
    REQUIRE(::unlink((mailbox.path + "/new/1.a,S=1000").c_str()) == 0);
    CHECK(mailbox.is_over(1)); // from memory
    mailbox.write("maildirsize", "1000S\n1000 1\n0 0\n");
    CHECK_FALSE(mailbox.is_over(1));
    mailbox.write("new/2.a,S=1000");
    CHECK_FALSE(mailbox.is_over(1));
    mailbox.time += CountedMailboxes::lifetime;
    CHECK(mailbox.is_over(1));
    REQUIRE(::unlink((mailbox.path + "/new/2.a,S=1000").c_str()) == 0);
    mailbox.time -= std::chrono::hours(1); // a clock that went back
    CHECK_FALSE(mailbox.is_over(1));
}
