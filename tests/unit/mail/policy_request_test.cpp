// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/policy_request.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace mailctl;

namespace {

const auto policy_host = DomainName::from_trusted("mx.example");

std::string question_of(std::string_view sender, std::string_view recipient, std::string_view more = {}) {
    return fmt::format("request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_name=far\n"
                       "sender={}\nrecipient={}\nrecipient_count=0\ninstance=7.1\n{}",
                       sender, recipient, more);
}

} // namespace

TEST_CASE("a question about a recipient is read with its sender and declared size") {
    const auto asked =
        parse_policy_request(question_of("a@far.example", "Paul@One.example", "size=4711\n"), policy_host);
    REQUIRE(asked);
    CHECK(sender_text(asked->sender) == "a@far.example");
    CHECK(asked->recipient.text() == "Paul@one.example");
    CHECK(asked->size == ByteCount{4711});
    const auto bounce = parse_policy_request(question_of("", "paul@one.example", "size=0\nnew_in_4.0=x"), policy_host);
    REQUIRE(bounce);
    CHECK_FALSE(bounce->sender);
    CHECK_FALSE(bounce->size);
}

TEST_CASE("addresses come without quotes, and those of others need not be good") {
    const auto asked = parse_policy_request(question_of("a b@c.example", "j\xc3\xb6rg x@one.example"), policy_host);
    REQUIRE(asked);
    CHECK(sender_text(asked->sender) == "\"a b\"@c.example");
    CHECK(asked->recipient.text() == "\"j\xc3\xb6rg x\"@one.example");
    CHECK(sender_text(parse_policy_request(question_of("root", "p@one.example"), policy_host)->sender) ==
          "root@mx.example");
    CHECK(parse_policy_request(question_of("p=q=@x.example", "p@one.example"), policy_host)->sender);
}

TEST_CASE("what is no question about a recipient is none") {
    const auto good = question_of("a@far.example", "p@one.example");
    REQUIRE(parse_policy_request(good, policy_host));
    for (const auto& bad :
         {std::string(), std::string("\n"), std::string("nonsense"), std::string("=x"), good + "no equals sign\n",
          good + "sender=b@far.example\n", good + "\n\n", "x\n" + good, std::string("request=smtpd_access_policy"),
          question_of("a@far.example", "postmaster"), question_of("a@far.example", ""),
          question_of("a@far.example", std::string_view("p\0q@one.example", 15)),
          question_of("a\x01@far.example", "p@one.example"), question_of("\xff@far.example", "p@one.example"),
          question_of(std::string(5000, 'x') + "@far.example", "p@one.example"),
          std::string("request=smtpd_access_policy\nprotocol_state=DATA\nsender=\nrecipient=p@one.example\n"),
          std::string("request=junk\nprotocol_state=RCPT\nsender=\nrecipient=p@one.example\n"),
          std::string("request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient=p@one.example\n")}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_policy_request(bad, policy_host));
    }
}

TEST_CASE("a size that is no number is none") {
    for (const auto* size : {"", "x", "-1", "12x", "99999999999999999999999", " 1"}) {
        CAPTURE(size);
        const auto asked = parse_policy_request(
            question_of("a@far.example", "p@one.example", fmt::format("size={}\n", size)), policy_host);
        REQUIRE(asked);
        CHECK_FALSE(asked->size);
    }
}

TEST_CASE("an answer is one line and an empty one, whatever stands in the reply") {
    CHECK(format_policy_answer({550, "5.2.1", "mailbox is suspended"}) == "action=550 5.2.1 mailbox is suspended\n\n");
    CHECK(format_policy_answer({452, "4.2.2", "mailbox is full"}) == "action=452 4.2.2 mailbox is full\n\n");
    CHECK(format_policy_answer({250, "2.1.5", "ok"}) == policy_no_opinion);
    const auto odd = format_policy_answer({550, "5.1.1", "x\naction=OK\r\n\n" + std::string(2000, 'y')});
    CHECK(odd.find('\n') == odd.size() - 2);
    CHECK(odd.size() < 530);
}
