// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/wire.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace std::string_view_literals;

namespace mailctl {
namespace {

TEST_CASE("the data of records as values") {
    CHECK(value_of_rdata("A", "\xc0\x00\x02\x01"sv) == "192.0.2.1");
    CHECK(value_of_rdata("AAAA", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"sv) == "2001:db8::1");
    CHECK(value_of_rdata("MX", "\x00\x0a\x02Mx\x07"
                               "example\x00"sv) == "10 mx.example.");
    CHECK(value_of_rdata("MX", "\x00\x00\x00"sv) == "0 .");
    CHECK(value_of_rdata("TXT", "\x03"
                                "abc\x02"
                                "de"sv) == "abcde");
    CHECK(value_of_rdata("SRV", "\x00\x01\x00\x02\x01\xd1\x01x\x00"sv) == "1 2 465 x.");
    CHECK(value_of_rdata("CAA", "\x00\x05issueca.example"sv) == "0 issue \"ca.example\"");
    CHECK(value_of_rdata("TLSA", "\x03\x01\x01\xab\xcd"sv) == "3 1 1 abcd");
    CHECK(value_of_rdata("SOA", "\x01x\x00\x01y\x00\0\0\0\x07\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04"sv) ==
          "x. y. 7 1 2 3 4");
    CHECK(value_of_rdata("CNAME", "\x01.\x00"sv) == "\\046.");
}

TEST_CASE("data that is cut short or too long has no value") {
    for (const auto& [type, bytes] : {std::pair("A", "\xc0\x00\x02"sv),
                                      {"AAAA", "\x01"sv},
                                      {"MX", "\x00"sv},
                                      {"MX", "\x00\x0a\x05mx"sv},
                                      {"TXT", "\x05"
                                              "abc"sv},
                                      {"NS", "\x01x\x00\x00"sv},
                                      {"SOA", "\x01x\x00"sv},
                                      {"SRV", ""sv}})
        CHECK_MESSAGE(value_of_rdata(type, bytes).empty(), type);
    CHECK(rc::check("any bytes are read to their end and no further", [](const std::string& bytes) {
        for (const char* type : {"A", "AAAA", "MX", "TXT", "CNAME", "SRV", "CAA", "TLSA", "SOA", "DS", "DNSKEY"})
            static_cast<void>(value_of_rdata(type, bytes));
        static_cast<void>(first_signature_end(bytes));
    }));
}

TEST_CASE("the first signature to end is found") {
    const auto message = "\0\0\0\0\0\x01\0\x02\0\0\0\0\x01x\0\0\x0f\0\x01"
                         "\xc0\x0c\0\x2e\0\x01\0\0\0\x3c\0\x0c\0\x0f\x08\x01\0\0\0\x3c\0\0\x03\xe8"
                         "\xc0\x0c\0\x2e\0\x01\0\0\0\x3c\0\x0c\0\x0f\x08\x01\0\0\0\x3c\0\0\x01\xf4"sv;
    CHECK(first_signature_end(message) == Instant{std::chrono::seconds{500}});
    CHECK_FALSE(first_signature_end(message.substr(0, 20)));
    CHECK_FALSE(first_signature_end(""));
}

TEST_CASE("numbers and words of the protocol") {
    CHECK(dns_type_number("CAA") == 257);
    CHECK_FALSE(dns_type_number("ANY"));
    CHECK(dns_rcode_word(2) == "SERVFAIL");
    CHECK(dns_rcode_word(17) == "RCODE17");
}

} // namespace
} // namespace mailctl
