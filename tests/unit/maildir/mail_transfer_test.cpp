// SPDX-License-Identifier: Apache-2.0
#include "mailctl/maildir/mail_transfer.hpp"

#include "mailctl/os/files.hpp"
#include "maildirs.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const Address ringo_of_two = address("ringo@two.example");
const ArchiveTag transfer_tag{noon, 7};

struct Mail : MailRoot {
    void put(const std::string& path, std::string_view text = "x") const {
        REQUIRE(make_directories(*this / path.substr(0, path.rfind('/')), 0700));
        write_file(*this / path, text);
    }
    [[nodiscard]] Maildir mailbox(const Address& address) const { return store().open_mailbox(address).value(); }
};

} // namespace

TEST_CASE("a mailbox is renamed with all that is in it, into a domain that has no directory yet") {
    const Mail mail;
    REQUIRE(mail.store().create_mailbox(paul));
    mail.put("one.example/paul/cur/1:2,S");
    mail.put("one.example/paul/.Sent/cur/2:2,");
    CHECK(rename_mailbox(mail.store(), paul, ringo_of_two, transfer_tag).value());
    CHECK(names_in(mail / "one.example").empty());
    CHECK(names_in(mail / "two.example/ringo/cur") == std::vector<std::string>{"1:2,S"});
    CHECK(names_in(mail / "two.example/ringo/.Sent/cur") == std::vector<std::string>{"2:2,"});
    CHECK_FALSE(rename_mailbox(mail.store(), paul, ringo_of_two, transfer_tag).value()); // done before
}

TEST_CASE("what arrived at the old place since joins the new one, and nothing is lost") {
    const Mail mail;
    REQUIRE(mail.store().create_mailbox(paul));
    REQUIRE(mail.store().create_mailbox(ringo_of_two));
    mail.put("one.example/paul/new/1", "first");
    mail.put("one.example/paul/.Sent/cur/2:2,");
    mail.put("two.example/ringo/new/1", "other");
    CHECK(rename_mailbox(mail.store(), paul, ringo_of_two, transfer_tag).value());
    CHECK(messages_in(mail / "two.example/ringo") == std::vector<std::string>{"other", "first"});
    CHECK(names_in(mail / "one.example").empty());
    CHECK(names_in(mail / "two.example/ringo/.Sent/cur") == std::vector<std::string>{"2:2,"});
}

TEST_CASE("messages are moved with their flags, and the usage is counted anew") {
    const Mail mail;
    const Maildir from = mail.mailbox(paul), to = mail.mailbox(ringo_of_two);
    mail.put("one.example/paul/cur/1,S=3:2,FS");
    mail.put("one.example/paul/new/2,S=3");
    mail.put("one.example/paul/tmp/3");
    mail.put("two.example/ringo/maildirsize", "0S\n");
    CHECK(move_messages(mail.store(), from, to).value() == 2);
    CHECK(names_in(mail / "two.example/ringo/cur") == std::vector<std::string>{"1,S=3:2,FS"});
    CHECK(names_in(mail / "two.example/ringo/new") == std::vector<std::string>{"2,S=3"});
    CHECK(names_in(mail / "one.example/paul/tmp") == std::vector<std::string>{"3"}); // not a whole message
    CHECK(names_in(mail / "two.example/ringo") == std::vector<std::string>{"cur", "new", "tmp"});
    CHECK(move_messages(mail.store(), from, to).value() == 0);
}

TEST_CASE("an archived mailbox is handed over as a folder, also in two goes") {
    const Mail mail;
    REQUIRE(mail.store().create_mailbox(paul));
    mail.put("one.example/paul/cur/1:2,S");
    mail.put("one.example/paul/dovecot-keywords", "0 work");
    mail.put("one.example/paul/subscriptions", "Sent");
    mail.put("one.example/paul/.Sent.2025/cur/2:2,");
    const auto place = archive_mailbox(mail.store(), paul, transfer_tag).value()->place;
    const Maildir to = mail.mailbox(ringo_of_two);
    CHECK(free_folder(to, "paul.m").value() == "paul-m");
    for (int time = 0; time < 2; ++time) {
        REQUIRE(hand_over(mail.store(), place, to, "paul-m"));
        CHECK(names_in(mail / "two.example/ringo/.paul-m/cur") == std::vector<std::string>{"1:2,S"});
        CHECK(names_in(mail / "two.example/ringo/.paul-m.Sent.2025/cur") == std::vector<std::string>{"2:2,"});
        CHECK(content_of(mail / "two.example/ringo/.paul-m/dovecot-keywords") == "0 work");
        CHECK(content_of(mail / "two.example/ringo/subscriptions") == "paul-m\npaul-m.Sent.2025\n");
        CHECK(names_in(mail / place) == std::vector<std::string>{"subscriptions"});
    }
    CHECK(free_folder(to, "paul.m").value() == "paul-m-2");
}

TEST_CASE("a folder that is handed over is subscribed to, beside what is there, as either version of the list has it") {
    for (const auto& [before, after] : {std::pair<std::string, std::string>{"Drafts\n", "Drafts\npaul\npaul.Sent\n"},
                                        {"Drafts\npaul", "Drafts\npaul\npaul.Sent\n"},
                                        {"V\t2\n\nDrafts\n", "V\t2\n\nDrafts\npaul\npaul\tSent\n"}}) {
        const Mail mail;
        REQUIRE(mail.store().create_mailbox(paul));
        mail.put("one.example/paul/cur/1:2,S");
        mail.put("one.example/paul/.Sent/cur/2:2,");
        const Maildir to = mail.mailbox(ringo_of_two);
        mail.put("two.example/ringo/subscriptions", before);
        const auto place = archive_mailbox(mail.store(), paul, transfer_tag).value()->place;
        REQUIRE(hand_over(mail.store(), place, to, "paul"));
        CHECK(content_of(mail / "two.example/ringo/subscriptions") == after);
    }
}
