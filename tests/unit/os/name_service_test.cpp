// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/name_service.hpp"

#include <doctest/doctest.h>

#include <netinet/in.h>

using namespace mailctl;

TEST_CASE("accounts and groups are found by name, and by nothing but the name") {
    const auto root = find_account("root");
    REQUIRE(root);
    REQUIRE(*root);
    CHECK((*root)->user == 0);
    CHECK((*root)->group == 0);
    CHECK(find_group("root").value() == 0U);
    for (const char* name : {"no-such-name", "0", "", "--help", "-i", "root:x", "root\nroot"}) {
        CAPTURE(name);
        CHECK(find_account(name).value_or(SystemUser{}) == std::nullopt);
        CHECK(find_group(name).value_or(0U) == std::nullopt);
    }
}

TEST_CASE("a numeric address asks nobody, a host may have several, an unknown one has none") {
    const auto v4 = find_addresses("127.0.0.1", 25).value();
    REQUIRE(v4.size() == 1);
    CHECK(v4[0].family() == AF_INET);
    CHECK(v4[0].length == sizeof(sockaddr_in));
    const auto v6 = find_addresses("::1", 25).value();
    REQUIRE(v6.size() == 1);
    CHECK(v6[0].family() == AF_INET6);
    const auto named = find_addresses("localhost", 2525).value();
    REQUIRE(!named.empty());
    for (const auto& address : named)
        CHECK(reinterpret_cast<const sockaddr_in*>(address.generic())->sin_port == htons(2525)); // the same place in v6
    CHECK(find_addresses("no-such-host.invalid", 25).value().empty());
}
