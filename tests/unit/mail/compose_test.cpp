// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/compose.hpp"

#include "mailctl/mail/message.hpp"

#include "parsed_address.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using mailctl::test::address;

namespace {

NewMessage example_message() {
    return {.from = {"Postmaster", address("postmaster@example.org")},
            .to = {{"", address("ann@example.org")}},
            .subject = "Your mail",
            .when = Instant{},
            .id = "1",
            .host = DomainName::from_trusted("mx.example.org"),
            .fields = {{"Auto-Submitted", "auto-generated"}},
            .text = "Hello\n",
            .html = {},
            .attachments = {}};
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

} // namespace

TEST_CASE("a text alone is a message without parts") {
    CHECK(compose_message(example_message()) == R"(From: Postmaster <postmaster@example.org>
To: ann@example.org
Subject: Your mail
Date: Thu, 01 Jan 1970 00:00:00 +0000
Message-ID: <1@mx.example.org>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Hello
)");
}

TEST_CASE("text and HTML are alternatives, the richer one last") {
    auto message = example_message();
    message.html = "<p>Grüße</p>";
    const std::string text = compose_message(message);
    CHECK(count(text, "\n--=_a1\n") == 2);
    CHECK(text.ends_with("\n--=_a1--\n"));
    CHECK(text.find("text/plain") < text.find("text/html"));
    CHECK(text.find("<p>Gr=C3=BC=C3=9Fe</p>\n") != text.npos);
}

TEST_CASE("attachments stand behind the text") {
    auto message = example_message();
    message.html = "<p>hello</p>";
    message.attachments = {{"größe.pdf", "application/pdf", "%PDF"}, {"a.bin", "application/octet-stream", ""}};
    const std::string text = compose_message(message);
    CHECK(count(text, "\n--=_m1\n") == 3);
    CHECK(text.ends_with("\n--=_m1--\n"));
    CHECK(text.find("filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf\n\nJVBERg==\n") != text.npos);
}

TEST_CASE("no value begins a header field") {
    auto message = example_message();
    message.from.name = "Post\r\nBcc: all@example.org";
    message.subject = "Your\nBcc: all@example.org\n\nbody";
    message.id = "1>\nBcc: all@example.org";
    message.fields = {{"X-Reason", "a\r\nBcc: all@example.org"}};
    const std::string text = compose_message(message);
    const auto header = HeaderSection::scan(text);
    CHECK(header.count("Bcc") == 0);
    CHECK(header.find("Message-ID") == "<1--Bcc--all-example.org@mx.example.org>");
    CHECK(header.find("Content-Type").has_value());
}

TEST_CASE("many recipients are folded, each whole") {
    auto message = example_message();
    message.to.assign(20, {"Ann, of the office", address("ann@example.org")});
    const auto text = compose_message(message);
    const auto header = HeaderSection::scan(text);
    CHECK(count(header.find("To").value_or(""), "<ann@example.org>") == 20);
}
