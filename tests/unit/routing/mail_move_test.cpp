// SPDX-License-Identifier: Apache-2.0
// How far a move is.
#include "mailctl/routing/mail_move.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

MoveFacts copied_move() {
    return {7, {{"mx1", 7, 5}, {"mx2", 9, 5}}, "old", "new", MoveReported{7, "abc", ""}, MoveReported{8, "abc", ""}};
}

} // namespace

TEST_CASE("move: copied when both machines report the same mail, by what says that it moves") {
    CHECK(state_of_move(copied_move()).step == MoveStep::finish);
}

TEST_CASE("move: nothing counts that was reported before it was published") {
    auto facts = copied_move();
    facts.published = 0;
    CHECK(state_of_move(facts).step == MoveStep::publish);
    facts.published = 8;
    CHECK(state_of_move(facts).step == MoveStep::front_ends);
    facts.front_ends.clear();
    CHECK(state_of_move(facts).step == MoveStep::quiet); // an old digest of a mailbox that still took mail
    facts.at_source->generation = 8;
    CHECK(state_of_move(facts).step == MoveStep::finish);
    facts.at_target->generation = 7;
    CHECK(state_of_move(facts).step == MoveStep::copy);
}

TEST_CASE("move: each step names whom it waits for, and what that one said") {
    auto facts = copied_move();
    facts.at_target = MoveReported{8, "ab", "rsync: no route to host"};
    CHECK(describe_move(state_of_move(facts)) == "waits for new to fetch the mail (rsync: no route to host)");
    facts.at_target.reset();
    CHECK(state_of_move(facts).step == MoveStep::copy);
    facts.at_source->digest.clear();
    facts.at_source->error = "a delivery is under way";
    CHECK(describe_move(state_of_move(facts)) == "waits for old to end its deliveries (a delivery is under way)");
    facts.at_source.reset();
    CHECK(state_of_move(facts).step == MoveStep::quiet);
    facts.front_ends[0].generation = 6;
    CHECK(describe_move(state_of_move(facts)) == "waits for the front ends mx1 to defer its mail");
}

TEST_CASE("move: a front end that has been silent for a day is not waited for") {
    auto facts = copied_move();
    facts.front_ends[0] = {"mx1", 6, 24 * 3600};
    CHECK(state_of_move(facts).step == MoveStep::finish);
    facts.front_ends[0].seconds_ago = 24 * 3600 - 1;
    CHECK(state_of_move(facts).waits_for == std::vector<std::string>{"mx1"});
}
