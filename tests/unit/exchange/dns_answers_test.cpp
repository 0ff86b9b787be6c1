// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/answers.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace mailctl {
namespace {

TEST_CASE("a file of answers takes values as people write them") {
    const auto answers = parse_dns_answers(R"({
        "Example.ORG. mx": {"rcode": "NOERROR", "secure": true, "answers": ["10 MX.example.org", "5 mx.example.org."]},
        "example.org TXT": {"answers": ["\"v=spf1 \" \"-all\"", "plain text"], "ttl": 300},
        "gone.example TXT": {"rcode": "NXDOMAIN", "answers": []},
        "mx.example.org AAAA": {"answers": ["2001:DB8:0::1"]},
        "example.org CAA": {"answers": ["0 ISSUE ca.example"]},
        "example.org SOA 192.0.2.1:53": {"rcode": "SERVFAIL", "trouble": "no"}})");
    REQUIRE(answers);
    CHECK(answers->at({"example.org", "MX"}).values ==
          std::vector<std::string>{"10 mx.example.org.", "5 mx.example.org."});
    CHECK(answers->at({"example.org", "MX"}).secure);
    CHECK(answers->at({"example.org", "TXT"}).values == std::vector<std::string>{"plain text", "v=spf1 -all"});
    CHECK(answers->at({"example.org", "TXT"}).ttl == 300);
    CHECK(answers->at({"gone.example", "TXT"}).is_void());
    CHECK(answers->at({"mx.example.org", "AAAA"}).values.front() == "2001:db8::1");
    CHECK(answers->at({"example.org", "CAA"}).values.front() == "0 issue \"ca.example\"");
    CHECK_FALSE(answers->at({"example.org", "SOA", "192.0.2.1:53"}).is_known());
}

TEST_CASE("a file of answers that is none is refused") {
    for (const char* bad :
         {"", "[]", "{", R"({"example.org": {}})", R"({"example.org MX": []})", R"({"example.org XX": {}})",
          R"({"example.org MX": {"answers": ["mx.example.org"]}})", R"({"example.org A": {"answers": ["192.0.2"]}})"})
        CHECK_FALSE_MESSAGE(parse_dns_answers(bad), bad);
    CHECK(parse_dns_answers("{\n  \"a\" 1}").error().what.contains("line 2"));
}

TEST_CASE("what is saved reads back") {
    CHECK(rc::check("any text of a TXT record", [](const std::string& bytes) {
        std::string text;
        for (const char c : bytes) // JSON holds no other bytes
            text += static_cast<char>(static_cast<unsigned char>(c) & 0x7f);
        DnsAnswer answer;
        answer.rcode = "NOERROR";
        answer.values = {text};
        answer.ttl = 60;
        const DnsQuestion question{"example.org", "TXT", "192.0.2.1:53"};
        const auto read = parse_dns_answers("{" + format_dns_answer(question, answer) + "}");
        RC_ASSERT(read.has_value());
        RC_ASSERT(read->at(question).values == answer.values);
        RC_ASSERT(read->at(question).ttl == 60U);
    }));
}

TEST_CASE("the book takes down what it does not know, once") {
    DnsBook book;
    CHECK_FALSE(book.ask("example.org", "MX").is_known());
    CHECK_FALSE(book.ask("example.org", "MX").is_known());
    CHECK(book.take_open() == std::vector<DnsQuestion>{{"example.org", "MX"}});
    CHECK_FALSE(book.has_open());
    DnsAnswer answer;
    answer.rcode = "NOERROR";
    answer.values = {"10 mx."};
    book.put({"example.org", "MX"}, answer);
    CHECK(book.ask("example.org", "MX").values == answer.values);
    CHECK_FALSE(book.has_open());
}

} // namespace
} // namespace mailctl
