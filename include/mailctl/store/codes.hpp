// SPDX-License-Identifier: Apache-2.0
// One-time codes for a new password: a hash, until when it is good, and how often it was tried. Only the newest code of
// a mailbox counts; it is good once. `state` is State::of_codes.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/store/state.hpp"

namespace mailctl {

inline constexpr int codes_a_day = 5;        // for one mailbox
inline constexpr int attempts_of_a_code = 5; // then it is worth nothing

// Takes the place of an earlier code. False: there were too many within a day.
[[nodiscard]] Result<bool> issue_code(State& state, const Address& mailbox, const std::string& hash, Instant now,
                                      Instant expires);
// True once, for the newest code while it is good; each call counts as an attempt.
[[nodiscard]] Result<bool> redeem_code(State& state, const Address& mailbox, const std::string& hash, Instant now);
// What it was redeemed for did not come about: it is good again.
[[nodiscard]] Status give_back_code(State& state, const Address& mailbox, const std::string& hash);

} // namespace mailctl
