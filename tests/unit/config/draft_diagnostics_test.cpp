// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/toml/draft_diagnostics.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

TEST_CASE("what is wrong with a draft is told with a place where the file has the same fault, else without") {
    const Diagnostic added{"a.toml", {9, 3}, "mailbox.eve.quota", "'much' is not a size", "write a size"};
    const Diagnostic moved{"a.toml", {7, 1}, "mailbox.bob.store", "must be true or false", ""};
    Diagnostic stood = moved;
    stood.place = {5, 1};
    const auto placed = place_in_file({added, moved}, {stood}, "domain 'example.com'");
    REQUIRE(placed.size() == 2);
    CHECK(format_diagnostic(placed[0]) == "domain 'example.com': mailbox.eve.quota: 'much' is not a size");
    CHECK(placed[0].remedy == "write a size");
    CHECK(format_diagnostic(placed[1]) == "a.toml:5:1: mailbox.bob.store: must be true or false");
}

TEST_CASE("a fault without a subject begins with its key") {
    const Diagnostic wrong{"mailctl.toml", {5, 12}, "hostname", "is missing", ""};
    CHECK(format_diagnostic(place_in_file({wrong}, {}, "").front()) == "hostname: is missing");
}
