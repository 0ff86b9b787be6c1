// SPDX-License-Identifier: Apache-2.0
// Quota warnings: which users have been told how full their mailbox is, so that each is told once per level.
#pragma once

#include "mailctl/store/state.hpp"

namespace mailctl {

struct FillLevel {
    std::string mailbox; // Address::key()
    unsigned percent = 0;
    bool just_reached = false; // by the message that was delivered last
};

// Whether to warn, and if so that it has been done. Once for a level and those below it; a level that was left and is
// reached again is new, but not within a day: around the mark every second message would be a warning.
[[nodiscard]] Result<bool> reserve_warning(State& state, const FillLevel& level, Instant now);
// It could not be sent: the next message may warn.
[[nodiscard]] Status release_warning(State& state, const FillLevel& level);

} // namespace mailctl
