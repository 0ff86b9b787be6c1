// SPDX-License-Identifier: Apache-2.0
// An address of a test, which must be one.
#pragma once

#include "mailctl/model/address.hpp"

#include <doctest/doctest.h>

namespace mailctl::test {

inline Address address(std::string_view text) {
    auto parsed = Address::parse(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

} // namespace mailctl::test
