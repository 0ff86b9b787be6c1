// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/answer.hpp"

#include "mailctl/base/text.hpp"

#include "parsed_address.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;
using mailctl::test::address;

namespace {

Answer example_answer() {
    return {.from = {"Paul", address("paul@example.com")},
            .responder = address("paul@example.com"),
            .to = address("ann@far.example"),
            .subject = {},
            .text = "I am away.\n",
            .html = {},
            .attachments = {},
            .kind = Answer::Kind::absence,
            .when = Instant{},
            .id = "1-2"};
}

AnsweredMail mail(const std::string& header) { return answered_mail(HeaderSection::scan(header + "\n\n")); }

std::string field(const std::string& message, std::string_view name) {
    return HeaderSection::scan(message).find(name).value_or("");
}

} // namespace

TEST_CASE("a reply says that it is one, and to what") {
    CHECK(compose_answer(example_answer(),
                         mail("Subject: hello\nMessage-ID: <1@far.example>\nReferences: <0@far.example>")) ==
          R"(From: Paul <paul@example.com>
To: ann@far.example
Subject: Auto: hello
Date: Thu, 01 Jan 1970 00:00:00 +0000
Message-ID: <1-2@example.com>
In-Reply-To: <1@far.example>
References: <0@far.example> <1@far.example>
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
X-Auto-Response-Suppress: All
X-Loop: paul@example.com
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

I am away.
)");
    auto robot = example_answer();
    robot.kind = Answer::Kind::robot;
    CHECK(field(compose_answer(robot, {}), "Auto-Submitted") == "auto-replied");
}

TEST_CASE("the subject is the configured one, else that of the mail, decoded and bounded") {
    auto answer = example_answer();
    answer.subject = "Away until Monday";
    CHECK(field(compose_answer(answer, mail("Subject: hello")), "Subject") == "Away until Monday");
    const auto subject = [](const std::string& header) {
        return field(compose_answer(example_answer(), mail(header)), "Subject");
    };
    CHECK(subject("From: x@y.example") == "Automated reply");
    CHECK(subject("Subject: =?gb18030?b?xOO6ww==?=") == "Auto: =?gb18030?b?xOO6ww==?="); // as it stands
    CHECK(subject("Subject: =?utf-8?q?caf=C3=A9?=") == "=?UTF-8?B?QXV0bzogY2Fmw6k=?=");
    CHECK(subject("Subject: =?utf-8?q?x=0D=0ABcc:_all@far.example?=") == "Auto: x  Bcc: all@far.example");
    CHECK(subject("Subject: " + std::string(5000, 'x')) == "Automated reply");
    CHECK(subject("Subject: " + std::string(300, 'x')).size() == std::string("Auto: ").size() + 200);
}

TEST_CASE("ids are taken over only where they are some, and not without end") {
    CHECK(mail("Message-ID: nonsense").id == "");
    CHECK(mail("Message-ID: <a b@x>").id == "");
    CHECK(mail("Message-ID: <=?utf-8?q?x?=@y>").id == "");
    CHECK(mail("Message-ID: <" + std::string(300, 'x') + "@y>").id == "");
    CHECK(mail("Message-ID: <1@x>\nIn-Reply-To: <0@x>").references == "<0@x> <1@x>");
    CHECK(mail("Message-ID: <1@x>\nIn-Reply-To: <0@x> <00@x>").references == "<1@x>");
    std::string many = "Message-ID: <last@x>\nReferences:";
    for (int i = 0; i < 50; ++i)
        many += "\n <" + std::to_string(i) + "@x>";
    const auto references = mail(many).references;
    CHECK(references.starts_with("<0@x> <42@x>"));
    CHECK(references.ends_with("<49@x> <last@x>"));
}

TEST_CASE("nothing of the mail but its subject and ids is in the reply") {
    const auto text =
        compose_answer(example_answer(), mail("Subject: hello\nX-Secret: 4711\nReply-To: other@far.example"));
    CHECK(text.find("4711") == text.npos);
    CHECK(text.find("other@") == text.npos);
}

TEST_CASE("no subject, name, id or file name of others begins a header field or breaks a line") {
    CHECK(rc::check(
        [](const std::string& subject, const std::string& name, const std::string& id, const std::string& file_name) {
            auto answer = example_answer();
            answer.from.name = name;
            answer.attachments = {{file_name, "application/pdf", "x"}};
            AnsweredMail of{.subject = subject, .id = {}, .references = {}};
            const auto clean = answered_mail(HeaderSection::scan("Message-ID: " + id + "\nReferences: " + id + "\n\n"));
            of.id = clean.id;
            of.references = clean.references;
            const auto text = compose_answer(answer, of);
            std::size_t fields = 0;
            HeaderSection::scan(text).for_each([&](const HeaderField&) { ++fields; });
            RC_ASSERT(fields == 11 + (of.id.empty() ? 0U : 1U) + (of.references.empty() ? 0U : 1U));
            for (const auto line : split(text, '\n'))
                RC_ASSERT(line.size() <= 998 && line.find('\r') == line.npos);
        }));
}

TEST_CASE("the type of an attachment comes from its name") {
    CHECK(media_type_of("price-list.PDF") == "application/pdf");
    CHECK(media_type_of("pdf") == "application/pdf");
    CHECK(media_type_of("x.exe") == "application/octet-stream");
}
