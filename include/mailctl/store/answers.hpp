// SPDX-License-Identifier: Apache-2.0
// Answers: whom a robot or an autoreply has answered, and when (E23 to E28). A reply is reserved, sent and confirmed;
// what was not sent is released. Reserving is one transaction over all processes, so that of many mails at once one is
// answered. Whatever cannot be found out is an Error, and an Error means no reply.
#pragma once

#include "mailctl/store/state.hpp"

#include <cstdint>
#include <string>

namespace mailctl {

struct AnswerKey {
    std::string responder, sender; // Address::key(), and sender_key()
    std::string text_hash;         // of what is said: a new text is sent to everybody again
};

struct AnswerLimits {
    Age every{};                  // at most one reply per sender in this time
    unsigned per_day = 0;         // replies of one responder; 0 = no limit
    unsigned per_domain = 0;      // of them to one sender's domain; 0 = no limit
    unsigned remembered = 10'000; // senders kept per responder; the oldest is dropped (RFC 5230 4.2 wants 1000)
};

enum class AnswerTurn {
    reserved,      // answer, then confirm or release
    answered,      // within `every`, or another mail of that sender is being answered right now
    day_is_full,   // per_day
    domain_is_full // per_domain
};

// An entry from the future, left by a clock that went back, counts as made now (E28).
[[nodiscard]] Result<AnswerTurn> reserve_answer(State& state, const AnswerKey& key, const AnswerLimits& limits,
                                                Instant now);
// It was sent. One that is neither confirmed nor released, because the process died, counts as sent.
[[nodiscard]] Status confirm_answer(State& state, const AnswerKey& key);
// It was not sent: the next mail may be answered. `when`: as reserved.
[[nodiscard]] Status release_answer(State& state, const AnswerKey& key, Instant when);

} // namespace mailctl
