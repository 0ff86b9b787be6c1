// SPDX-License-Identifier: Apache-2.0
#include "smtp_client.hpp"

#include "../maildir/maildirs.hpp"
#include "smtp_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <thread>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

constexpr MailerTimeouts quick{.connect = 1000ms, .command = 300ms, .message = 300ms};

Result<std::vector<Refusal>> submit_to(unsigned short port, const std::vector<std::string>& targets,
                                       std::string_view body = "Subject: x\n\n.dot\n..two\nend") {
    const MailRoot root;
    const auto content = root.content(body);
    Submission submission{.sender = address("a@far.example"), .targets = {}, .body_8bit = true, .smtputf8 = false};
    for (const auto& target : targets)
        submission.targets.push_back(address(target));
    const auto mailer = make_smtp_mailer({"127.0.0.1", port}, DomainName::from_trusted("mx.example"), quick);
    return mailer->submit(submission, {"Head: 1\n", content, 0});
}

// Everybody's friend, except where `exceptions` says otherwise.
std::function<std::string(const std::string&)> friendly(std::vector<std::pair<std::string, std::string>> exceptions) {
    return [exceptions = std::move(exceptions)](const std::string& line) -> std::string {
        for (const auto& [command, reply] : exceptions)
            if (line.starts_with(command)) return reply;
        if (line.starts_with("EHLO")) return "250-mx\r\n250-8BITMIME\r\n250 SMTPUTF8";
        if (line == "DATA") return "354 go";
        return "250 ok";
    };
}

} // namespace

TEST_CASE("a message is handed over in wire form, with 8BITMIME where it is offered") {
    SmtpServer server(friendly({}));
    const auto done = submit_to(server.port, {"b@one.example", "c@one.example"});
    REQUIRE(done);
    CHECK(done->empty());
    REQUIRE(server.commands.size() >= 6);
    CHECK(server.commands[0] == "EHLO mx.example");
    CHECK(server.commands[1] == "MAIL FROM:<a@far.example> BODY=8BITMIME");
    CHECK(server.commands[2] == "RCPT TO:<b@one.example>");
    CHECK(server.message == "Head: 1\r\nSubject: x\r\n\r\n..dot\r\n...two\r\nend\r\n");
}

TEST_CASE("a server without EHLO is spoken to with HELO") {
    SmtpServer server(friendly({{"EHLO", "502 what"}}));
    REQUIRE(submit_to(server.port, {"b@one.example"}));
    CHECK(server.commands[1] == "HELO mx.example");
    CHECK(server.commands[2] == "MAIL FROM:<a@far.example>");
}

TEST_CASE("a target refused for good does not stop the others") {
    SmtpServer server(friendly({{"RCPT TO:<b@", "550 5.1.1 no such user"}}));
    const auto done = submit_to(server.port, {"b@one.example", "c@one.example"}).value();
    REQUIRE(done.size() == 1);
    CHECK(done[0].target == address("b@one.example"));
    CHECK(done[0].code == 550);
    CHECK(done[0].enhanced == "5.1.1");
    CHECK(done[0].text == "no such user");
    CHECK_FALSE(server.message.empty());
}

TEST_CASE("where all are refused no data is sent; a refusal of the data is everybody's") {
    SmtpServer refuses_all(friendly({{"RCPT", "550 5.7.1 go away"}}));
    CHECK(submit_to(refuses_all.port, {"b@one.example"}).value().size() == 1);
    CHECK(refuses_all.message.empty());
    SmtpServer refuses_data(friendly({{".", "554 spam"}}));
    const auto done = submit_to(refuses_data.port, {"b@one.example", "c@one.example"}).value();
    REQUIRE(done.size() == 2);
    CHECK(done[1].enhanced.empty());
}

TEST_CASE("every temporary answer and every trouble with the connection is temporary, and nothing is sent") {
    using Case = std::vector<std::pair<std::string, std::string>>;
    for (const Case& exception :
         {Case{{"EHLO", "421 busy"}}, Case{{"MAIL", "451 later"}}, Case{{"RCPT TO:<c@", "450 later"}},
          Case{{"DATA", "451 later"}}, Case{{"DATA", "550 never"}}, Case{{".", "451 later"}}, Case{{"MAIL", ""}},
          Case{{".", ""}}, Case{{"MAIL", "nonsense"}}, Case{{"MAIL", "99"}}}) {
        SmtpServer server(friendly(exception));
        const auto done = submit_to(server.port, {"b@one.example", "c@one.example"});
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::temporary);
    }
    SmtpServer unwelcoming(friendly({}), "554 no");
    CHECK_FALSE(submit_to(unwelcoming.port, {"b@one.example"}));
    CHECK(submit_to(1, {"b@one.example"}).error().kind == ErrorKind::temporary); // nobody listens
}

TEST_CASE("a server that falls silent or never ends a reply is given up") {
    SmtpServer silent([](const std::string&) { return "250-and"; });
    const auto done = submit_to(silent.port, {"b@one.example"});
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::temporary);
}

TEST_CASE("non-ASCII addresses need SMTPUTF8 from the next hop") {
    SmtpServer able(friendly({}));
    CHECK(submit_to(able.port, {"jörg@one.example"}).value().empty());
    CHECK(able.commands[1] == "MAIL FROM:<a@far.example> BODY=8BITMIME SMTPUTF8");
    SmtpServer unable(friendly({{"EHLO", "250 mx"}}));
    CHECK(submit_to(unable.port, {"jörg@one.example"}).value().at(0).enhanced == "5.6.7");
}

TEST_CASE("a CR of its own is neither passed on by DATA nor altered: refused, or sent by BDAT where that is offered") {
    const std::string odd = "Subject: x\n\n.lone\rCR\nCR CR LF\r\nend\n";
    {
        SmtpServer server(friendly({}));
        const auto done = submit_to(server.port, {"b@one.example", "c@one.example"}, odd);
        REQUIRE(done);
        REQUIRE(done->size() == 2);
        CHECK(done->front().code == 554);
        CHECK(done->front().enhanced == "5.6.3");
        CHECK(std::ranges::find(server.commands, "DATA") == server.commands.end());
    }
    std::string wire;
    std::size_t wanted = 0;
    SmtpServer server(
        [&](const std::string& line) -> std::string { // counts lines, which is enough here
            if (line.starts_with("EHLO")) return "250-mx\r\n250-CHUNKING\r\n250 BINARYMIME";
            if (line.starts_with("BDAT ")) {
                wanted += std::stoul(line.substr(5));
                return line.ends_with("LAST") ? "250 ok" : "250 go on";
            }
            return "250 ok";
        },
        "220 hello", &wire);
    const auto done = submit_to(server.port, {"b@one.example"}, odd);
    REQUIRE(done);
    CHECK(done->empty());
    CHECK(server.commands[1] == "MAIL FROM:<a@far.example> BODY=BINARYMIME");
    CHECK(wire == "Head: 1\r\nSubject: x\r\n\r\n.lone\rCR\r\nCR CR LF\r\r\nend\r\n");
    CHECK(wanted == wire.size());
}

TEST_CASE("the deadline of a submission bounds the dialogue, and silence is told as such") {
    SmtpServer server([](const std::string& line) -> std::string {
        std::this_thread::sleep_for(60ms);
        return line == "DATA" ? "354 go" : "250 ok";
    });
    const MailRoot root;
    const auto content = root.content("x\n");
    const auto mailer = make_smtp_mailer({"127.0.0.1", server.port}, DomainName::from_trusted("mx.example"),
                                         {.connect = 1s, .command = 1s, .message = 1s});
    const auto begun = std::chrono::steady_clock::now();
    const auto done = mailer->submit({.sender = {}, .targets = {address("b@one.example")}, .deadline = begun + 150ms},
                                     {"", content, 0});
    REQUIRE(!done);
    CHECK(done.error().kind == ErrorKind::temporary);
    CHECK(done.error().os_error == ETIMEDOUT);
    CHECK(std::chrono::steady_clock::now() - begun < 600ms);
}
