// SPDX-License-Identifier: Apache-2.0
// Names that live on another machine by now.
#include "mailctl/store/moved_names.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

struct LeftMachine : TempDirectory {
    Paths paths = paths_below(path());
    LeftMachine() { REQUIRE(make_directories(paths.lib, 0755)); }
    void remember(const std::vector<std::string>& names, Instant when) const {
        REQUIRE(remember_moved(paths, names, when));
    }
};

} // namespace

TEST_CASE("moved names: they are known for two weeks, with a detail too, and no others are") {
    const LeftMachine machine;
    MovedNames moved(machine.paths);
    const auto knows = [&](const char* text, Instant when = noon) {
        return moved.contains(address(text), "+", when).value();
    };
    CHECK_FALSE(knows("paul@one.example"));
    machine.remember({"paul@one.example", "@two.example"}, noon);
    CHECK(knows("paul@one.example"));
    CHECK(knows("Paul+lists@ONE.example"));
    CHECK(knows("anybody@two.example"));
    CHECK_FALSE(knows("paula@one.example"));
    CHECK_FALSE(knows("paul@three.example"));
    CHECK(knows("paul@one.example", noon + std::chrono::hours(13 * 24)));
    CHECK_FALSE(knows("paul@one.example", noon + std::chrono::hours(14 * 24)));
}

TEST_CASE("moved names: what is remembered later joins, and what is old goes") {
    const LeftMachine machine;
    MovedNames moved(machine.paths);
    machine.remember({"paul@one.example"}, noon);
    const auto later = noon + std::chrono::hours(15 * 24);
    CHECK(moved.contains(paul, "+", noon).value());
    machine.remember({"ringo@one.example"}, later);
    CHECK(moved.contains(address("ringo@one.example"), "+", later).value());
    CHECK(content_of(machine.paths.lib + "/moved").find("paul") == std::string::npos);
}
