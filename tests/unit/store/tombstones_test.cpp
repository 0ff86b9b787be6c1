// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/tombstones.hpp"

#include "../maildir/maildirs.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct Graveyard : TempDirectory {
    State state = State::of_administrator(made(), std::nullopt);

    [[nodiscard]] Paths made() const {
        REQUIRE(make_directories(paths_below(path()).lib, 0755));
        return paths_below(path());
    }
    Tombstone bury(const std::string& text, std::uint64_t change, std::optional<Instant> keep_until = {}) {
        const Tombstone tombstone{address(text), change, noon, ".archive/one.example/" + text, keep_until};
        REQUIRE(record_tombstones(state, std::span(&tombstone, 1)));
        return tombstone;
    }
};

} // namespace

TEST_CASE("a deleted name is found with all that is known of it, and one that never was is not") {
    Graveyard graveyard;
    const auto paul_before = graveyard.bury("paul@one.example", 3, noon + std::chrono::days(30));
    CHECK(find_tombstone(graveyard.state, paul_before.address).value() == paul_before);
    CHECK_FALSE(find_tombstone(graveyard.state, address("ringo@one.example")).value());
}

TEST_CASE("burying twice is once, and the newest of a name is found") {
    Graveyard graveyard;
    graveyard.bury("paul@one.example", 3);
    graveyard.bury("paul@one.example", 3);
    const auto later = graveyard.bury("paul@one.example", 5);
    CHECK(find_tombstone(graveyard.state, later.address).value() == later);
}

TEST_CASE("a name that was given out again is free, until it is deleted again") {
    Graveyard graveyard;
    const auto paul_before = graveyard.bury("paul@one.example", 3);
    REQUIRE(clear_tombstones(graveyard.state, std::span(&paul_before.address, 1), 4, noon));
    CHECK_FALSE(find_tombstone(graveyard.state, paul_before.address).value());
    const auto again = graveyard.bury("paul@one.example", 5);
    REQUIRE(clear_tombstones(graveyard.state, std::span(&paul_before.address, 1), 4, noon)); // repeated late
    CHECK(find_tombstone(graveyard.state, paul_before.address).value() == again);
}

TEST_CASE("archived mail expires when its time is over, and only once") {
    Graveyard graveyard;
    const auto paul_before = graveyard.bury("paul@one.example", 3, noon + std::chrono::days(1));
    graveyard.bury("ringo@one.example", 3);
    CHECK(expired_tombstones(graveyard.state, noon).value().empty());
    const auto expired = expired_tombstones(graveyard.state, noon + std::chrono::days(1)).value();
    REQUIRE(expired == std::vector{paul_before});
    REQUIRE(forget_archive(graveyard.state, paul_before.address, paul_before.change));
    CHECK(expired_tombstones(graveyard.state, noon + std::chrono::days(2)).value().empty());
    CHECK(find_tombstone(graveyard.state, paul_before.address).value()); // the name stays reserved
}

TEST_CASE("a tombstone that mailctl did not write is skipped and named, whatever its column says") {
    Graveyard graveyard;
    const auto paul = graveyard.bury("paul@one.example", 3, noon);
    {
        const auto turn = graveyard.state.turn();
        REQUIRE(turn);
        for (const char* values :
             {"'../x@one.example/..', 1, 1, NULL, 1, NULL", "'a@../../etc', 1, 1, '.archive/one.example/a', 1, NULL",
              "'b@one.example', -1, 1, '.archive/one.example/a', 1, NULL",
              "'c@one.example', 1, -1, '.archive/one.example/a', 1, NULL",
              "'d@one.example', 1, 1, '.archive/../../etc', 1, NULL",
              "'e@one.example', 1, 1, '.archive/one.example/..', 1, NULL",
              "'f@one.example', 1, 1, '.archive/one.example/a', -9223372036854775807, NULL"})
            REQUIRE((*turn)->execute(std::string("INSERT INTO tombstones VALUES (") + values + ")"));
    }
    CHECK(expired_tombstones(graveyard.state, noon).value() == std::vector{paul});
    CHECK(graveyard.state.take_skipped().size() == 6); // one of them has no archive and is not asked for
    CHECK(standing_tombstones(graveyard.state).value() == std::vector{paul.address});
    CHECK_FALSE(find_tombstone(graveyard.state, address("d@one.example")).value());
}
