// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/cores.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <vector>

using namespace mailctl;

TEST_CASE("every piece is done once, whatever their number") {
    for (const std::size_t count : {0UL, 1UL, 2UL, 1000UL}) {
        std::vector<std::atomic<int>> done(count);
        on_every_core("testing", count, [&](std::size_t number) { ++done.at(number); });
        CHECK(std::ranges::all_of(done, [](const auto& times) { return times == 1; }));
    }
}
