// SPDX-License-Identifier: Apache-2.0
#include "transfer/proxy_addresses.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

using ProxyAliases = std::vector<std::string>;

TEST_CASE("other addresses of the login's domain are aliases") {
    const auto read = read_proxy_addresses("c1@x.example", "SMTP:Carl@x.example+smtp:c1@x.example+smtp:c.a@X.example");
    CHECK(read.address.empty());
    CHECK(read.aliases == ProxyAliases{"carl", "c.a"});
    CHECK(read.left_out.empty());
}

TEST_CASE("a login in another domain is not where the mail goes") {
    const auto read = read_proxy_addresses("d@t.onmicrosoft.com", "smtp:d@t.onmicrosoft.com;SMTP:dora@x.example");
    CHECK(read.address == "dora@x.example");
    CHECK(read.aliases.empty());
    CHECK(read.left_out.size() == 2);
}

TEST_CASE("a plus sign divides only before a kind") {
    const auto read = read_proxy_addresses("a@x.example", "smtp:a+b@x.example+SIP:a@x.example, x500:/o=Org/cn=a");
    CHECK(read.aliases == ProxyAliases{"a+b"});
    CHECK(read.left_out.size() == 2);
    CHECK(read_proxy_addresses("a@x.example", "").aliases.empty());
}
