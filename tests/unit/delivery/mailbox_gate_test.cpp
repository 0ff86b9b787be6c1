// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/mailbox_gate.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace mailctl;
using namespace std::chrono_literals;

TEST_CASE("a burst to one mailbox passes; a mailbox where nothing moves is closed, until something does") {
    MailboxGate gate;
    const MailboxGate::Steady::time_point start{};
    std::vector<MailboxGate::Pass> passes;
    for (unsigned i = 0; i < 2 * MailboxGate::limit; ++i) {
        passes.push_back(gate.enter("paul", start));
        CHECK(passes.back());
    }
    CHECK_FALSE(gate.is_stuck("paul", start + 1s));
    CHECK(gate.is_stuck("paul", start + 2s));
    CHECK_FALSE(gate.enter("paul", start + 2s));
    CHECK(gate.enter("ringo", start + 2s));
    passes.resize(MailboxGate::limit - 1);
    CHECK(gate.enter("paul", MailboxGate::Steady::now() + 1h));
    passes.clear();
    CHECK_FALSE(gate.is_stuck("paul", start + 1h));
}
