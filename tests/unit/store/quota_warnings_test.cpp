// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/quota_warnings.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

constexpr Instant first_warned{std::chrono::hours{24 * 20'000 + 12}};

struct WarningMemory {
    TempDirectory directory;
    Paths paths = paths_below(directory.path());
    State state = State::of_agent(paths);
    WarningMemory() {
        REQUIRE(make_directories(paths.lib, 0755));
        auto made = State::of_administrator(paths, {});
        REQUIRE(made.turn().has_value());
    }
    bool warns(unsigned percent, bool just_reached, Instant now, const std::string& who = "paul@one.example") {
        const auto reserved = reserve_warning(state, {who, percent, just_reached}, now);
        REQUIRE(reserved.has_value());
        return *reserved;
    }
};

} // namespace

TEST_CASE("a level is told once, a higher one again, a lower one not") {
    WarningMemory memory;
    CHECK(memory.warns(80, true, first_warned));
    CHECK_FALSE(memory.warns(80, false, first_warned + 1h));
    CHECK(memory.warns(95, true, first_warned + 2h));
    CHECK_FALSE(memory.warns(95, false, first_warned + 3h));
    CHECK_FALSE(memory.warns(80, false, first_warned + 240h));
    CHECK(memory.warns(80, true, first_warned, "ringo@one.example"));
}

TEST_CASE("a level that was left and is reached again is told again, but not within a day") {
    WarningMemory memory;
    CHECK(memory.warns(95, true, first_warned));
    CHECK_FALSE(memory.warns(80, true, first_warned + 23h));
    CHECK_FALSE(memory.warns(95, true, first_warned + 23h));
    CHECK(memory.warns(80, true, first_warned + 24h));
    CHECK(memory.warns(95, true, first_warned + 25h));
    CHECK_FALSE(memory.warns(95, true, first_warned - 240h)); // a clock that went back
}

TEST_CASE("what was not sent may be sent with the next message") {
    WarningMemory memory;
    CHECK(memory.warns(80, true, first_warned));
    REQUIRE(release_warning(memory.state, {"paul@one.example", 80, true}));
    CHECK(memory.warns(80, false, first_warned + 1h));
}

TEST_CASE("without a memory nobody is warned") {
    const TempDirectory directory;
    auto missing = State::of_agent(paths_below(directory.path()));
    CHECK_FALSE(reserve_warning(missing, {"paul@one.example", 80, true}, first_warned).has_value());
}
