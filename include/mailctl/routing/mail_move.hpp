// SPDX-License-Identifier: Apache-2.0
// How far a mailbox is on its way from one machine to another, and what has to happen next. Pure: from what has been
// published and what machines reported of it. Nothing is remembered beside that, so whoever asks again, after a kill on
// whichever side, goes on from where it is:
//
//  1. that it moves is published: both machines know the mailbox and take no mail and no login for it,
//  2. every front end goes by that, and keeps mail for it in its queue,
//  3. at the source no delivery is under way that began before, and it reports a digest of the mail,
//  4. the target fetches until it has the same digest,
//  5. the new place is published; the source archives its tree.
//
// Until 5 what is at the source is all that counts, and the move can be given up without a trace.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mailctl {

// What a machine reported last of a mailbox that moves.
struct MoveReported {
    std::int64_t generation = 0; // by which it went then
    std::string digest;          // "" = not known: still being delivered to, or not there yet
    std::string error;
    bool operator==(const MoveReported&) const = default;
};
// A front end, or a machine of the move.
struct MachineReported {
    std::string name;
    std::int64_t generation = 0;
    std::int64_t seconds_ago = 0;
};
struct MoveFacts {
    std::int64_t published = 0; // the generation since which it moves; 0 = not yet
    std::vector<MachineReported> front_ends;
    std::string source, target; // names of machines
    std::optional<MoveReported> at_source, at_target;
};

enum class MoveStep { publish, front_ends, quiet, copy, finish };
struct MoveState {
    MoveStep step = MoveStep::publish;
    std::vector<std::string> waits_for; // machines
    std::string error;                  // what the machine that is waited for said last
};
[[nodiscard]] MoveState state_of_move(const MoveFacts& facts);
// "waits for front end mx1, mx2", for a person.
[[nodiscard]] std::string describe_move(const MoveState& state);

// A front end that has been silent for so long is gone: mail it may still have waits at the source, which refuses it
// for a while, never for good.
inline constexpr std::int64_t front_end_is_gone_after = 24 * 3600;

} // namespace mailctl
