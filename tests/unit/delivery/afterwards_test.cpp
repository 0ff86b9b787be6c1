// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/afterwards.hpp"

#include <doctest/doctest.h>

#include <future>
#include <vector>

using namespace mailctl;
using namespace std::chrono_literals;
using Turn = Afterwards::Turn;

TEST_CASE("what is waiting at the end is done") {
    int done = 0;
    Afterwards afterwards;
    for (int i = 0; i < 100; ++i)
        afterwards.add([&](Turn turn) { done += turn == Turn::now ? 1 : 0; });
    afterwards.finish(1min);
    CHECK(done == 100);
}

TEST_CASE("what has no room or comes too late is told so") {
    std::promise<void> open, begun;
    auto gate = open.get_future().share();
    std::vector<Turn> turns;
    Afterwards afterwards(2);
    afterwards.add([&](Turn turn) {
        turns.push_back(turn);
        begun.set_value();
        gate.wait();
    });
    begun.get_future().wait();
    for (int i = 0; i < 2; ++i)
        afterwards.add([&](Turn turn) { turns.push_back(turn); });
    Turn crowded = Turn::now;
    afterwards.add([&](Turn turn) { crowded = turn; });
    CHECK(crowded == Turn::never);
    open.set_value();
    afterwards.finish(1min);
    CHECK(turns == std::vector<Turn>{Turn::now, Turn::now, Turn::now});
    Turn late = Turn::now;
    afterwards.add([&](Turn turn) { late = turn; });
    CHECK(late == Turn::never);
}
