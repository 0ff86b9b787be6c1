// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/codes.hpp"

#include "../maildir/maildirs.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

const Address ringo = address("ringo@one.example");

struct Codes : TempDirectory {
    State state = State::of_codes(made());
    Instant now = noon;

    [[nodiscard]] Paths made() const {
        REQUIRE(make_directories(paths_below(path()).history, 0700));
        return paths_below(path());
    }
    bool issue(const std::string& hash) {
        return issue_code(state, paul, hash, now, now + std::chrono::days(3)).value();
    }
    bool redeem(const std::string& hash) { return redeem_code(state, paul, hash, now).value(); }
};

} // namespace

TEST_CASE("a code is good once, and for its mailbox only") {
    Codes codes;
    CHECK_FALSE(codes.redeem("abc"));
    REQUIRE(codes.issue("abc"));
    CHECK_FALSE(redeem_code(codes.state, ringo, "abc", codes.now).value());
    CHECK(codes.redeem("abc"));
    CHECK_FALSE(codes.redeem("abc"));
}

TEST_CASE("a code expires, and a newer one takes its place") {
    Codes codes;
    REQUIRE(codes.issue("old"));
    REQUIRE(codes.issue("new"));
    CHECK_FALSE(codes.redeem("old"));
    codes.now += std::chrono::days(3);
    CHECK_FALSE(codes.redeem("new"));
}

TEST_CASE("who guesses too often has made the code worthless") {
    Codes codes;
    REQUIRE(codes.issue("abc"));
    for (int guess = 0; guess < attempts_of_a_code; ++guess)
        CHECK_FALSE(codes.redeem(fmt::format("guess {}", guess)));
    CHECK_FALSE(codes.redeem("abc"));
}

TEST_CASE("a mailbox gets so many codes a day and no more") {
    Codes codes;
    for (int code = 0; code < codes_a_day; ++code)
        CHECK(codes.issue(fmt::format("code {}", code)));
    CHECK_FALSE(codes.issue("one more"));
    CHECK(codes.redeem(fmt::format("code {}", codes_a_day - 1))); // the last one is still good
    codes.now += std::chrono::days(1);
    CHECK(codes.issue("next day"));
}

TEST_CASE("a code that was redeemed for nothing is good again") {
    Codes codes;
    REQUIRE(codes.issue("abc"));
    REQUIRE(codes.redeem("abc"));
    REQUIRE(give_back_code(codes.state, paul, "abc"));
    CHECK(codes.redeem("abc"));
}
