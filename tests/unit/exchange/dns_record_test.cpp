// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/dns/record.hpp"

#include <doctest/doctest.h>

namespace mailctl {
namespace {

TEST_CASE("a TXT value is cut into strings of at most 255 bytes, and quoted and escaped") {
    const std::string key(300, 'a');
    CHECK(zone_value({"x.example", "TXT", key}) ==
          "\"" + std::string(255, 'a') + "\" \"" + std::string(45, 'a') + "\"");
    CHECK(zone_value({"x.example", "TXT", std::string(255, 'a')}) == "\"" + std::string(255, 'a') + "\"");
    CHECK(zone_value({"x.example", "TXT", "say \"hi\"\\\xc3\xbc"}) == R"("say \"hi\"\\\195\188")");
    CHECK(zone_value({"x.example", "TXT", ""}) == "\"\"");
    CHECK(zone_value({"x.example", "MX", "10 mx.example."}) == "10 mx.example.");
}

TEST_CASE("a line of a zone has an absolute name and a TTL") {
    CHECK(zone_line({"example.org", "MX", "10 mx.example."}, 300) == "example.org. 300 IN MX 10 mx.example.");
}

TEST_CASE("the reverse name of an address") {
    CHECK(reverse_name("192.0.2.10") == "10.2.0.192.in-addr.arpa");
    CHECK(reverse_name("2001:db8::567:89ab") ==
          "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    CHECK(reverse_name("mx.example").empty());
    CHECK(reversed_labels("127.0.0.2") == "2.0.0.127");
}

TEST_CASE("equal addresses have one canonical form") {
    CHECK(canonical_address("2001:DB8:0:0::1") == "2001:db8::1");
    CHECK(canonical_address("192.0.2.1") == "192.0.2.1");
    CHECK(canonical_address("192.0.2").empty());
}

TEST_CASE("a name lies below a zone by whole labels") {
    CHECK(lies_below("a.example.org", "example.org"));
    CHECK(lies_below("example.org", "example.org"));
    CHECK_FALSE(lies_below("badexample.org", "example.org"));
    CHECK_FALSE(lies_below("org", "example.org"));
}

} // namespace
} // namespace mailctl
