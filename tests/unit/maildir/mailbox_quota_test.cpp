// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/mailbox_quota.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct QuotaMailbox {
    MailRoot root;
    MailStore store = root.store();
    Maildir maildir = store.open_mailbox(paul).value();
    [[nodiscard]] std::string path(const std::string& name) const { return root / ("one.example/paul/" + name); }
    void add_folder(const std::string& name) const {
        for (const char* part : {"", "/cur", "/new", "/tmp"})
            REQUIRE(::mkdir(path(name + part).c_str(), 0700) == 0);
    }
    [[nodiscard]] QuotaAccount account(std::uint64_t limit) const {
        return {store, store.open_mailbox(paul).value(), {ByteCount{limit}, 0}};
    }
};

Instant current() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

} // namespace

TEST_CASE("all folders count, by the size in the name where there is one") {
    const QuotaMailbox mailbox;
    mailbox.add_folder(".Trash");
    write_file(mailbox.path("new/1.a,S=100,W=110"), "x");
    write_file(mailbox.path("cur/2.a,S=50:2,S"), "x");
    write_file(mailbox.path("cur/3.a:2,"), "12345");
    write_file(mailbox.path(".Trash/cur/4.a,S=1000:2,T"), "x");
    write_file(mailbox.path("new/.hidden"), "not counted");
    write_file(mailbox.path(".dovecot.sieve"), "no folder");
    const auto usage = measure_mailbox(mailbox.maildir).value();
    CHECK(usage.bytes == 1155);
    CHECK(usage.messages == 4);
}

TEST_CASE("without a limit there is no maildirsize and everything fits") {
    const QuotaMailbox mailbox;
    auto account = mailbox.account(0);
    CHECK(account.fits(ByteCount{1'000'000'000}, current()).value());
    account.charge(ByteCount{5});
    CHECK(names_in(mailbox.path("")) == std::vector<std::string>{"cur", "new", "tmp"});
}

TEST_CASE("a message fits up to the limit and not beyond, and is recorded") {
    const QuotaMailbox mailbox;
    write_file(mailbox.path("new/1.a,S=900"), "x");
    auto account = mailbox.account(1000);
    CHECK_FALSE(account.fits(ByteCount{101}, current()).value());
    CHECK(account.fits(ByteCount{100}, current()).value());
    account.charge(ByteCount{100});
    CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n900 1\n100 1\n");
    write_file(mailbox.path("new/2.a,S=100"), "x");
    CHECK_FALSE(mailbox.account(1000).fits(ByteCount{1}, current()).value());
}

TEST_CASE("another limit in the file is replaced by ours") {
    const QuotaMailbox mailbox;
    write_file(mailbox.path("new/1.a,S=900"), "x");
    write_file(mailbox.path("maildirsize"), "5S\n900 1\n");
    CHECK(mailbox.account(2000).fits(ByteCount{1000}, current()).value());
    CHECK(content_of(mailbox.path("maildirsize")) == "2000S\n900 1\n");
}

TEST_CASE("over quota by an old count is counted again before it is believed") {
    const QuotaMailbox mailbox; // empty: the file exaggerates
    write_file(mailbox.path("maildirsize"), "1000S\n900 1\n90 1\n");
    CHECK(mailbox.account(1000).fits(ByteCount{500}, current()).value());
    CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n0 0\n");
}

TEST_CASE("damaged files are rebuilt") {
    for (const std::string& damage :
         {std::string("garbage"), std::string("1000S\n1 x\n"), std::string("1000S\n-5 -1\n"),
          std::string("1000S\n1 1\n\0", 12), std::string(6000, '1')}) {
        const QuotaMailbox mailbox;
        write_file(mailbox.path("maildirsize"), damage);
        CHECK(mailbox.account(1000).fits(ByteCount{1000}, current()).value());
        CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n0 0\n");
    }
}

TEST_CASE("a maildirsize that cannot be written costs nothing but the next count") {
    const QuotaMailbox mailbox;
    REQUIRE(::mkdir(mailbox.path("maildirsize").c_str(), 0700) == 0);
    auto account = mailbox.account(1000);
    CHECK(account.fits(ByteCount{1000}, current()).value());
    CHECK_FALSE(account.fits(ByteCount{1001}, current()).value());
    account.charge(ByteCount{1000});
    CHECK(names_in(mailbox.path("tmp")).empty());
}

TEST_CASE("at RCPT only a count that can be believed refuses, and nothing is written") {
    const QuotaMailbox mailbox;
    const QuotaLimits limits{ByteCount{1000}, 0};
    CHECK_FALSE(is_surely_over(mailbox.maildir, limits, ByteCount{5000}, current()));
    write_file(mailbox.path("maildirsize"), "1000S\n1000 1\n");
    CHECK(is_surely_over(mailbox.maildir, limits, ByteCount{1}, current()));
    CHECK_FALSE(is_surely_over(mailbox.maildir, limits, ByteCount{0}, current()));
    CHECK_FALSE(is_surely_over(mailbox.maildir, limits, ByteCount{1}, current() + std::chrono::hours(1)));
    CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n1000 1\n");
}

TEST_CASE("a charge after somebody rebuilt the file does not count twice") {
    const QuotaMailbox mailbox;
    auto first = mailbox.account(1000);
    REQUIRE(first.fits(ByteCount{100}, current()));
    write_file(mailbox.path("new/1.a,S=100"), "x"); // published by us, then counted by another
    REQUIRE(::unlink(mailbox.path("maildirsize").c_str()) == 0);
    REQUIRE(mailbox.account(1000).fits(ByteCount{1}, current()));
    first.charge(ByteCount{100});
    CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n100 1\n");
}

TEST_CASE("what is no file is not waited for, and a line without its end is not written to") {
    const QuotaMailbox mailbox;
    write_file(mailbox.path("new/1.a,S=100,W=110"), "x");
    const auto check = [&](const char* what) {
        CAPTURE(what);
        CHECK_FALSE(is_surely_over(mailbox.maildir, {ByteCount{1000}, 0}, ByteCount{5000}, current()));
        auto account = mailbox.account(1000);
        CHECK(account.fits(ByteCount{50}, current()).value());
        account.charge(ByteCount{50});
        CHECK(content_of(mailbox.path("maildirsize")) == "1000S\n100 1\n50 1\n");
        REQUIRE(::unlink(mailbox.path("maildirsize").c_str()) == 0);
    };
    REQUIRE(::mkfifo(mailbox.path("maildirsize").c_str(), 0600) == 0);
    check("FIFO");
    REQUIRE(::symlink("/dev/zero", mailbox.path("maildirsize").c_str()) == 0);
    check("link");
    for (const char* torn : {"1000S\n900 9\n1", "1000S", "1000S\n100 1"}) {
        write_file(mailbox.path("maildirsize"), torn);
        check(torn);
    }
}
