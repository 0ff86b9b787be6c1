// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/submission_gate.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <thread>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

TEST_CASE("whoever finds no place waits while somebody moves, and is told to come back when nobody does") {
    SubmissionGate gate(1);
    auto first = std::make_optional(gate.enter().value());
    std::thread leaving([&] {
        std::this_thread::sleep_for(100ms);
        first->note_answer();
        first.reset();
    });
    auto second = gate.enter();
    leaving.join();
    REQUIRE(second);
    const auto begun = Steady::now();
    const auto third = gate.enter();
    REQUIRE(!third);
    CHECK(third.error().kind == ErrorKind::temporary);
    CHECK(Steady::now() - begun < SubmissionGate::patience + 500ms);
    const auto again = Steady::now();
    CHECK(!gate.enter());
    CHECK(Steady::now() - again < 100ms);
}

TEST_CASE("after a silence everybody is told to come back at once, until one has tried again") {
    SubmissionGate gate;
    {
        auto pass = gate.enter().value();
        pass.note_silence(100ms);
    }
    CHECK(!gate.has_room());
    CHECK(!gate.enter());
    std::this_thread::sleep_for(150ms);
    {
        auto trying = gate.enter();
        REQUIRE(trying);
        CHECK(!gate.enter()); // one is enough to find out
        trying->note_silence(100ms);
    }
    CHECK(!gate.enter());
    std::this_thread::sleep_for(150ms);
    {
        auto trying = gate.enter();
        REQUIRE(trying);
        trying->note_answer();
        CHECK(gate.enter());
    }
    CHECK(gate.has_room());
}

TEST_CASE("a message that takes too long says nothing of an MTA that answered others meanwhile") {
    SubmissionGate gate;
    auto slow = gate.enter().value();
    std::this_thread::sleep_for(5ms);
    gate.enter().value().note_answer();
    slow.note_silence(10s);
    CHECK(gate.enter());
}

TEST_CASE("a mailer behind the gate: only silence closes it, a refusal or a failure does not") {
    struct Scripted final : Mailer {
        std::atomic<int>& asked;
        int& os_error;
        Scripted(std::atomic<int>& count, int& error) : asked(count), os_error(error) {}
        Result<std::vector<Refusal>> submit(const Submission&, const SubmittedMessage&) override {
            ++asked;
            return fail(Error{ErrorKind::temporary, "no", {}, os_error});
        }
    };
    std::atomic<int> asked = 0;
    int os_error = ECONNREFUSED;
    SubmissionGate gate;
    const auto mailer = make_gated_mailer(std::make_unique<Scripted>(asked, os_error), gate);
    const MailRoot root;
    const auto content = root.content("x");
    const auto submit = [&] { return mailer->submit({}, {"", content, 0}).error().what; };
    CHECK(submit() == "no");
    CHECK(submit() == "no");
    os_error = ETIMEDOUT;
    CHECK(submit() == "no");
    CHECK(asked == 3);
}
