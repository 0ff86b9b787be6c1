// SPDX-License-Identifier: Apache-2.0
#include "mailctl/base/rare.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mailctl;

TEST_CASE("a rare value is copied with what holds it, and equal by what it says") {
    Rare<std::string> one;
    CHECK_FALSE(one);
    CHECK(one == Rare<std::string>());
    one = std::string("away");
    REQUIRE(one);
    Rare<std::string> two = one;
    CHECK(two == one);
    two->append(" today");
    CHECK(*one == "away");
    CHECK_FALSE(two == one);
    one = std::move(two);
    CHECK(*one == "away today");
    CHECK(one.emplace().empty());
    CHECK_FALSE(one == Rare<std::string>());
    one.reset();
    CHECK_FALSE(one);
}

TEST_CASE("an absent rare value takes the room of a pointer") { CHECK(sizeof(Rare<std::string>) == sizeof(void*)); }
