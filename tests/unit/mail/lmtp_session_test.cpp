// SPDX-License-Identifier: Apache-2.0
#include "fake_lmtp_handler.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace mailctl;

namespace {

const DomainName session_host = DomainName::from_trusted("mx.example.org");
const std::string envelope = "LHLO c.example\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<one@example.org>\r\n"
                             "RCPT TO:<two@example.org>\r\n";

struct Client {
    FakeLmtpHandler handler;
    LmtpSession session;
    explicit Client(LmtpLimits limits = {}) : session(limits, session_host, handler) {}

    std::vector<std::string> say(std::string_view bytes) {
        std::string out;
        session.feed(bytes, out);
        std::vector<std::string> lines;
        for (std::size_t at = 0, end = 0; (end = out.find("\r\n", at)) != out.npos; at = end + 2)
            lines.push_back(out.substr(at, end - at));
        return lines;
    }
    // The last `count` reply lines to these bytes.
    std::vector<std::string> last(std::string_view bytes, std::size_t count) {
        auto lines = say(bytes);
        REQUIRE(lines.size() >= count);
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
        return lines;
    }
};

} // namespace

TEST_CASE("the greeting names the host first, the farewells carry 421") {
    Client client;
    CHECK(client.session.greeting() == "220 mx.example.org LMTP ready\r\n");
    CHECK(client.session.timeout_reply().starts_with("421 4.4.2 mx.example.org "));
    CHECK(client.session.shutdown_reply().starts_with("421 4.3.2 mx.example.org "));
}

TEST_CASE("the handler is told who speaks and what was declared") {
    Client client;
    client.say("LHLO c.example\r\nMAIL FROM:<a@c.example> SIZE=12 BODY=8BITMIME SMTPUTF8\r\n"
               "RCPT TO:<one@example.org> ORCPT=rfc822;first@example.org\r\n");
    REQUIRE(client.handler.mails.size() == 1);
    const MailCommand& mail = client.handler.mails[0];
    CHECK(mail.client_name == "c.example");
    CHECK(sender_text(mail.sender) == "a@c.example");
    CHECK(mail.size == ByteCount{12});
    CHECK(mail.body_8bit);
    CHECK(mail.smtputf8);
    CHECK(client.handler.rcpts.at(0).original_recipient == "first@example.org");
    CHECK_FALSE(client.session.between_transactions());
}

TEST_CASE("a sender the handler refuses opens no transaction") {
    Client client;
    CHECK(client.last("LHLO c\r\nMAIL FROM:<refused@c.example>\r\nRCPT TO:<one@example.org>\r\nDATA\r\n", 3) ==
          std::vector<std::string>{"550 5.7.1 not from you", "503 5.5.0 MAIL first", "503 5.5.0 MAIL first"});
    client.session.connection_lost();
    CHECK(client.handler.open == 0);
}

TEST_CASE("every accepted recipient gets one reply even when the handler fails") {
    using Throws = FakeLmtpHandler::Throws;
    for (Throws place : {Throws::begin, Throws::data, Throws::finish}) {
        CAPTURE(static_cast<int>(place));
        Client client;
        client.handler.throws = place;
        const auto replies = client.last(envelope + "DATA\r\nSubject: x\r\n\r\n.\r\n", 3);
        CHECK(replies[0].starts_with("354"));
        CHECK(replies[1].starts_with("451 4.3.0"));
        CHECK(replies[2].starts_with("451 4.3.0"));
        CHECK(client.handler.open == 0);
        CHECK(client.handler.saved.empty());
        client.handler.throws = Throws::never;
        CHECK(client.last("MAIL FROM:<>\r\nRCPT TO:<one@example.org>\r\nDATA\r\n.\r\n", 1)[0].starts_with("250"));
    }
}

TEST_CASE("an exception in MAIL, RCPT or reset is an answer, too") {
    using Throws = FakeLmtpHandler::Throws;
    Client mail, rcpt, reset;
    mail.handler.throws = Throws::mail;
    CHECK(mail.last("LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<one@example.org>\r\n", 2) ==
          std::vector<std::string>{"451 4.3.0 internal error, try again later", "503 5.5.0 MAIL first"});
    rcpt.handler.throws = Throws::rcpt;
    CHECK(rcpt.last(envelope + "DATA\r\n", 1)[0] == "503 5.5.0 no valid recipients");
    reset.handler.throws = Throws::reset;
    CHECK(reset.last(envelope + "DATA\r\n.\r\n", 2) == std::vector<std::string>(2, "250 2.0.0 saved"));
}

TEST_CASE("a handler that answers for too many recipients is not believed") {
    Client client;
    client.handler.replies_too_many = 1;
    const auto replies = client.last(envelope + "DATA\r\n.\r\n", 3);
    CHECK(replies[0].starts_with("354"));
    CHECK(replies[1].starts_with("451 4.3.0"));
    CHECK(replies[2].starts_with("451 4.3.0"));
}

TEST_CASE("each way out of a transaction resets it exactly once") {
    for (const char* way :
         {"RSET\r\n", "LHLO again\r\n", "QUIT\r\n", "DATA\r\n.\r\n", "BDAT 0 LAST\r\n", "BDAT x\r\n"}) {
        CAPTURE(way);
        Client client;
        client.say(envelope);
        CHECK(client.handler.open == 1);
        client.say(way);
        CHECK(client.handler.open == 0);
        CHECK(client.session.between_transactions());
        client.session.connection_lost();
        CHECK(client.handler.open == 0);
    }
}

TEST_CASE("a client that vanishes in its data, or one byte before its end, delivers nothing") {
    for (const char* data : {"DATA\r\n", "DATA\r\nx", "DATA\r\nx\r\n.\r", "BDAT 5\r\nxxxxx", "BDAT 5 LAST\r\nxxxx"}) {
        Client client;
        client.say(envelope + data);
        client.session.connection_lost();
        CHECK(client.handler.saved.empty());
        CHECK(client.handler.open == 0);
        CHECK(client.say("\n.\r\nNOOP\r\n").empty());
    }
}

TEST_CASE("a hundred transactions on one connection are as the first") {
    Client client;
    client.say("LHLO c\r\n");
    for (int i = 0; i < 100; ++i) {
        const auto replies = client.say("MAIL FROM:<>\r\nRCPT TO:<one@example.org>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n");
        REQUIRE(replies.size() == 4);
        CHECK(replies[3] == "250 2.0.0 saved");
    }
    CHECK(client.handler.saved.size() == 100);
    CHECK(
        std::ranges::all_of(client.handler.saved, [](const SavedMessage& m) { return m.content == "Subject: x\n\n"; }));
}

TEST_CASE("tiny chunks cost neither memory nor calls out of proportion") {
    Client client;
    client.say(envelope);
    for (int i = 0; i < 1000; ++i)
        CHECK(client.say("BDAT 1\r\nx") == std::vector<std::string>{"250 2.0.0 chunk received"});
    CHECK(client.handler.pieces == 1000);
    CHECK(client.last("BDAT 0 LAST\r\n", 2) == std::vector<std::string>(2, "250 2.0.0 saved"));
    CHECK(client.handler.saved.at(0).content == std::string(1000, 'x'));
}

TEST_CASE("data arrives in large pieces") {
    Client client;
    client.say(envelope + "DATA\r\n");
    std::string line = std::string(70, 'x') + "\r\n", bytes;
    for (int i = 0; i < 900; ++i)
        bytes += line;
    client.say(bytes);
    CHECK(client.handler.pieces <= 5);
    client.say(".\r\n");
    CHECK(client.handler.saved.at(0).content.size() == 900 * 71);
}

TEST_CASE("sequences of commands never lose count, and any split gives the same replies and messages") {
    CHECK(rc::check("feed splitting", [] {
        const auto command = rc::gen::element<std::string>(
            "LHLO c\r\n", "MAIL FROM:<a@c.example>\r\n", "MAIL FROM:<>\r\n", "MAIL FROM:<\r\n",
            "RCPT TO:<one@example.org>\r\n", "RCPT TO:<unknown@example.org>\r\n", "DATA\r\n", "Subject: x\r\n", "\r\n",
            ".\r\n", "..\r\n", "\n.\n", "\r", "BDAT 5\r\nab\r\n.", "BDAT 3 LAST\r\n\r\nx", "BDAT 0 LAST\r\n",
            "BDAT 30\r\n", "RSET\r\n", "NOOP\r\n", "JUNK\n", "QUITE\r\n", "\xff\r\n");
        const auto commands = *rc::gen::container<std::vector<std::string>>(command);
        std::string bytes = "LHLO c\r\n";
        for (const std::string& text : commands)
            bytes += text;
        const auto run = [&](std::size_t piece, FakeLmtpHandler& handler) {
            LmtpSession session({ByteCount{40}, 3, 60, 5}, session_host, handler);
            std::string out;
            for (std::size_t at = 0; at < bytes.size(); at += piece)
                session.feed(std::string_view(bytes).substr(at, piece), out);
            RC_ASSERT(handler.open == (session.between_transactions() ? 0 : 1));
            session.connection_lost();
            RC_ASSERT(handler.open == 0);
            return out;
        };
        FakeLmtpHandler whole_handler, split_handler;
        const std::string whole = run(bytes.size(), whole_handler);
        RC_ASSERT(run(*rc::gen::inRange<std::size_t>(1, 8), split_handler) == whole);
        RC_ASSERT(split_handler.saved == whole_handler.saved);
    }));
}

TEST_CASE("the handler is told of a message that nobody is to get, and of a probe it is not") {
    Client client;
    client.say("LHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<unknown@x.example>\r\nRSET\r\n");
    client.say("MAIL FROM:<a@x.example>\r\nRCPT TO:<unknown@x.example>\r\nLHLO c\r\n");
    CHECK(client.handler.refused == 0);
    client.say("MAIL FROM:<a@x.example>\r\nRCPT TO:<unknown@x.example>\r\nDATA\r\n");
    CHECK(client.handler.refused == 1);
    client.say("RSET\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<unknown@x.example>\r\nBDAT 2 LAST\r\nxx");
    CHECK(client.handler.refused == 2);
}
