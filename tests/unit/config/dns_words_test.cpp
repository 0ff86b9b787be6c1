// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/dns_words.hpp"

#include "mailctl/config/site_file.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

TEST_CASE("a name server is an address, with a port or without") {
    const auto is = [](std::string_view text, const char* host, unsigned short port) {
        const auto server = parse_name_server(text);
        REQUIRE_MESSAGE(server, text);
        CHECK(server->host == host);
        CHECK(server->port == port);
    };
    is("192.0.2.53", "192.0.2.53", 53);
    is("192.0.2.53:5353", "192.0.2.53", 5353);
    is("2001:db8::53", "2001:db8::53", 53);
    is("[2001:db8::53]", "2001:db8::53", 53);
    is("[2001:db8::53]:5353", "2001:db8::53", 5353);
    for (const char* bad :
         {"", "dns.example.net", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:70000", "[192.0.2.53]:53"})
        CHECK_FALSE_MESSAGE(parse_name_server(bad), bad);
}

TEST_CASE("a CAA value is flags, a tag and a value") {
    CHECK(parse_caa("0 issue \"ca.example; accounturi=x\"") == CaaValue{0, "issue", "ca.example; accounturi=x"});
    CHECK(parse_caa("128 IODEF mailto:a@b.example") == CaaValue{128, "iodef", "mailto:a@b.example"});
    CHECK(parse_caa("0 issue \"\"") == CaaValue{0, "issue", ""});
    for (const char* bad : {"", "0", "0 issue", "0 is.sue \"x\"", "0 issue a b", "x issue \"x\"", "0 issue \"x"})
        CHECK_FALSE_MESSAGE(parse_caa(bad), bad);
}

TEST_CASE("a time is also a number of seconds, as in a zone") {
    CHECK(parse_site("dns.ttl = 300\n", "f")->dns.ttl == std::chrono::seconds{300});
    CHECK(parse_site("dns.ttl = \"300\"\n", "f")->dns.ttl == std::chrono::seconds{300});
    CHECK(parse_site("dns = { mta_sts = { mode = \"none\", max_age = \"1d\" } }\n", "f")->dns.mta_sts ==
          Site::MtaSts{MtaStsMode::none, std::chrono::days{1}});
}

} // namespace
} // namespace mailctl
