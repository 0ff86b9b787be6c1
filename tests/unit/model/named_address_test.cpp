// SPDX-License-Identifier: Apache-2.0
#include "mailctl/model/named_address.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("an address is read with the name before it") {
    const auto read = [](std::string_view text) {
        const auto parsed = parse_named_address(text);
        return parsed ? parsed->name + "|" + parsed->address.text() : "-";
    };
    CHECK(read("paul@example.com") == "|paul@example.com");
    CHECK(read(" <paul@example.com> ") == "|paul@example.com");
    CHECK(read("Paul B. <paul@example.com>") == "Paul B.|paul@example.com");
    CHECK(read("\"B., \\\"Paul\\\"\" <paul@example.com>") == "B., \"Paul\"|paul@example.com");
    CHECK(read("Größe <paul@example.com>") == "Größe|paul@example.com");
    for (const char* wrong : {"", "Paul", "Paul <paul>", "paul@example.com>", "Paul <paul@example.com> x"})
        CHECK(read(wrong) == "-");
}
