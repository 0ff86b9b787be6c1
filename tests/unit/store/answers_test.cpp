// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/answers.hpp"

#include "../os/temp_directory.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

constexpr Instant asked_at{std::chrono::hours{24 * 20'000 + 12}};
const AnswerKey key{"paul@one.example", "ann@far.example", "hash"};

struct AnswerMemory {
    TempDirectory directory;
    Paths paths = paths_below(directory.path());
    AnswerMemory() {
        REQUIRE(make_directories(paths.lib, 0755));
        auto state = State::of_administrator(paths, {});
        REQUIRE(state.turn().has_value());
    }
};

AnswerTurn reserve(State& state, const AnswerKey& who, const AnswerLimits& limits, Instant now) {
    const auto turn = reserve_answer(state, who, limits, now);
    REQUIRE(turn.has_value());
    return *turn;
}

AnswerKey from(std::string sender) { return {key.responder, std::move(sender), key.text_hash}; }

} // namespace

TEST_CASE("a sender is answered once in the time, and again after it, and a new text at once") {
    const AnswerMemory memory;
    auto state = State::of_agent(memory.paths);
    const AnswerLimits limits{.every = std::chrono::days{7}};
    CHECK(reserve(state, key, limits, asked_at) == AnswerTurn::reserved);
    REQUIRE(confirm_answer(state, key));
    CHECK(reserve(state, key, limits, asked_at + std::chrono::days{7} - 1s) == AnswerTurn::answered);
    CHECK(reserve(state, from("bob@far.example"), limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, {key.responder, key.sender, "other text"}, limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, {"ringo@one.example", key.sender, key.text_hash}, limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, key, limits, asked_at + std::chrono::days{7}) == AnswerTurn::reserved);
}

TEST_CASE("what was not sent is released, what is neither counts as sent") {
    const AnswerMemory memory;
    auto state = State::of_agent(memory.paths);
    const AnswerLimits limits{.every = 24h, .per_day = 1};
    CHECK(reserve(state, key, limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, key, limits, asked_at + 1h) == AnswerTurn::answered);
    REQUIRE(release_answer(state, key, asked_at));
    CHECK(reserve(state, key, limits, asked_at + 1h) == AnswerTurn::reserved);
    REQUIRE(release_answer(state, key, asked_at)); // of another time: nothing
    CHECK(reserve(state, key, limits, asked_at + 2h) == AnswerTurn::answered);
    REQUIRE(confirm_answer(state, key));
    REQUIRE(release_answer(state, key, asked_at + 1h)); // was sent: nothing
    CHECK(reserve(state, key, limits, asked_at + 2h) == AnswerTurn::answered);
}

TEST_CASE("the replies of a day are limited, of all and to one domain, and the next day is a new one") {
    const AnswerMemory memory;
    auto state = State::of_agent(memory.paths);
    const AnswerLimits limits{.every = 1h, .per_day = 3, .per_domain = 2};
    CHECK(reserve(state, from("a@far.example"), limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, from("a@far.example"), limits, asked_at + 2h) == AnswerTurn::reserved);
    CHECK(reserve(state, from("b@far.example"), limits, asked_at + 2h) == AnswerTurn::domain_is_full);
    CHECK(reserve(state, from("b@near.example"), limits, asked_at + 2h) == AnswerTurn::reserved);
    CHECK(reserve(state, from("c@near.example"), limits, asked_at + 2h) == AnswerTurn::day_is_full);
    CHECK(reserve(state, {"ringo@one.example", "c@near.example", "x"}, limits, asked_at) == AnswerTurn::reserved);
    CHECK(reserve(state, from("c@near.example"), limits, asked_at + 12h) == AnswerTurn::reserved);
}

TEST_CASE("a clock that went back makes old answers recent, but not for ever") {
    const AnswerMemory memory;
    auto state = State::of_agent(memory.paths);
    const AnswerLimits limits{.every = 24h};
    CHECK(reserve(state, key, limits, asked_at + std::chrono::days{1000}) == AnswerTurn::reserved);
    CHECK(reserve(state, key, limits, asked_at) == AnswerTurn::answered);
    CHECK(reserve(state, key, limits, asked_at + 23h) == AnswerTurn::answered);
    CHECK(reserve(state, key, limits, asked_at + 24h) == AnswerTurn::reserved);
}

TEST_CASE("of too many senders the oldest is forgotten") {
    const AnswerMemory memory;
    auto state = State::of_agent(memory.paths);
    const AnswerLimits limits{.every = std::chrono::days{7}, .remembered = 1000};
    for (int i = 0; i <= 1000; ++i)
        CHECK(reserve(state, from(fmt::format("s{}@far.example", i)), limits, asked_at + std::chrono::seconds{i}) ==
              AnswerTurn::reserved);
    CHECK(reserve(state, from("s1@far.example"), limits, asked_at + 1h) == AnswerTurn::answered);
    CHECK(reserve(state, from("s0@far.example"), limits, asked_at + 1h) == AnswerTurn::reserved);
}

TEST_CASE("of many mails at once, in several threads and connections, one is answered") {
    const AnswerMemory memory;
    std::atomic<int> reserved = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            auto state = State::of_agent(memory.paths);
            for (int k = 0; k < 10; ++k)
                if (const auto turn = reserve_answer(state, key, {.every = 24h}, asked_at);
                    turn && *turn == AnswerTurn::reserved)
                    ++reserved;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(reserved == 1);
}

TEST_CASE("a memory that is missing or damaged is an error") {
    const TempDirectory directory;
    const auto paths = paths_below(directory.path());
    REQUIRE(make_directories(paths.lib, 0755));
    auto missing = State::of_agent(paths);
    CHECK_FALSE(reserve_answer(missing, key, {.every = 24h}, asked_at).has_value());
    REQUIRE(replace_file(paths.state, std::string(8192, 'x')));
    auto damaged = State::of_agent(paths);
    CHECK_FALSE(reserve_answer(damaged, key, {.every = 24h}, asked_at).has_value());
}
