// SPDX-License-Identifier: Apache-2.0
#include "side_by_side.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

// The order in which they were begun.
std::vector<std::size_t> run_all(std::size_t count, std::chrono::milliseconds each, const SideBySide& limits = {}) {
    std::vector<std::size_t> begun;
    std::mutex mutex;
    side_by_side(
        count,
        [&](std::size_t i) {
            {
                const std::lock_guard lock(mutex);
                begun.push_back(i);
            }
            std::this_thread::sleep_for(each);
        },
        limits);
    return begun;
}

} // namespace

TEST_CASE("each piece of work is done once, in order where it is quick") {
    CHECK(run_all(0, 0ms).empty());
    CHECK(run_all(1, 0ms) == std::vector<std::size_t>{0});
    CHECK(run_all(5, 0ms) == std::vector<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("pieces that take their time do not wait for each other, as far as there is room") {
    const auto time_of = [](const SideBySide& limits) {
        const auto begun = std::chrono::steady_clock::now();
        CHECK(run_all(4, 400ms, limits).size() == 4);
        return std::chrono::steady_clock::now() - begun;
    };
    CHECK(time_of({}) < 1200ms);
    CHECK(time_of({.most = 8, .has_room = [] { return false; }}) >= 700ms); // the caller and one thread
}
