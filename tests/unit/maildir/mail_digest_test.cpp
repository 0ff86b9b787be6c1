// SPDX-License-Identifier: Apache-2.0
// When two mailboxes count as the same.
#include "mailctl/maildir/mail_digest.hpp"

#include "maildirs.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct TwoMachines {
    MailRoot source, target;
    TwoMachines() {
        for (const auto* root : {&source, &target}) {
            for (const auto* folder : {"", "/.Sent"})
                for (const auto* part : {"/cur", "/new", "/tmp"})
                    std::filesystem::create_directories(*root / ("one.example/paul" + std::string(folder) + part));
            write(*root, "cur/1.a.mx:2,S", "hello\n");
            write(*root, ".Sent/new/2.b.mx", std::string(3 << 20, 'x'));
            write(*root, "dovecot-uidlist", "3 V1 N3\n");
        }
    }
    static void write(const MailRoot& root, const std::string& name, std::string_view text) {
        write_file(root / ("one.example/paul/" + name), text);
    }
    [[nodiscard]] static MailDigest of(const MailRoot& root) {
        const auto found = digest_mailbox(root.store(), paul);
        REQUIRE(found);
        REQUIRE(*found);
        return **found;
    }
    [[nodiscard]] bool agree() const { return of(source) == of(target); }
};

} // namespace

TEST_CASE("mail digest: the same mail on two machines") {
    const TwoMachines machines;
    CHECK(machines.agree());
    CHECK(TwoMachines::of(machines.source).files == 3);
    CHECK(TwoMachines::of(machines.source).bytes == (3 << 20) + 6 + 8);
}

TEST_CASE("mail digest: what is not mail makes no difference") {
    const TwoMachines machines;
    TwoMachines::write(machines.source, "tmp/9.under.way", "half");
    TwoMachines::write(machines.source, "dovecot.index.log", "index");
    TwoMachines::write(machines.source, "maildirsize", "0S\n");
    TwoMachines::write(machines.target, ".Sent/dovecot.index.cache", "other");
    CHECK(machines.agree());
}

TEST_CASE("mail digest: each of these makes a difference") {
    const TwoMachines machines;
    const auto& target = machines.target;
    SUBCASE("a message more") { TwoMachines::write(target, "new/3.c.mx", ""); }
    SUBCASE("a message less") { std::filesystem::remove(target / "one.example/paul/cur/1.a.mx:2,S"); }
    SUBCASE("a flag") {
        std::filesystem::rename(target / "one.example/paul/cur/1.a.mx:2,S", target / "one.example/paul/cur/1.a.mx:2,");
    }
    SUBCASE("the last byte of a long message") {
        TwoMachines::write(target, ".Sent/new/2.b.mx", std::string((3 << 20) - 1, 'x') + 'y');
    }
    SUBCASE("a long message cut short") { TwoMachines::write(target, ".Sent/new/2.b.mx", std::string(2 << 20, 'x')); }
    SUBCASE("an empty folder") { std::filesystem::create_directories(target / "one.example/paul/.Empty"); }
    SUBCASE("UIDs") { TwoMachines::write(target, "dovecot-uidlist", "3 V2 N3\n"); }
    SUBCASE("a link") { std::filesystem::create_symlink("/etc/passwd", target / "one.example/paul/new/4.d.mx"); }
    CHECK_FALSE(machines.agree());
}

TEST_CASE("mail digest: of no mailbox there is none") {
    const MailRoot root;
    const auto found = digest_mailbox(root.store(), paul);
    REQUIRE(found);
    CHECK_FALSE(*found);
}
