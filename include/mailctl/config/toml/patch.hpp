// SPDX-License-Identifier: Apache-2.0
// Patch: what a change did to a text, small enough to keep forever. Exact: it applies where it was made and nowhere
// else. move_patch carries it over later changes to other lines, so that an old change can still be undone; where that
// could put a line into another TOML table it refuses rather than guess.
#pragma once

#include "mailctl/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// `removed` stood at `offset` of the text before (bytes); `inserted` stands there after. Hunks are in order, whole
// lines, and do not overlap; offsets all refer to the text before.
struct PatchHunk {
    std::uint64_t offset = 0;
    std::string removed, inserted;
    bool operator==(const PatchHunk&) const = default;
};
using Patch = std::vector<PatchHunk>;

// apply_patch(before, make_patch(before, after)) == after. Near-linear in time, also for texts of 10 MB.
[[nodiscard]] Patch make_patch(std::string_view before, std::string_view after);
// conflict: `text` does not hold the removed bytes at the place; nothing is guessed.
[[nodiscard]] Result<std::string> apply_patch(std::string_view text, const Patch& patch);
// The patch that leads back: apply_patch(after, reverse_patch(p)) == before.
[[nodiscard]] Patch reverse_patch(const Patch& patch);
// `patch` applies to `text`, which `later` has changed since: the same patch, for the text after `later`. Moving either
// over the other leads to one text. conflict: both touch the same lines, or insert lines at one place (whole tables
// may be); a key would come into another table than it was in or be given to a table that has been renamed.
[[nodiscard]] Result<Patch> move_patch(const Patch& patch, const Patch& later, std::string_view text);

} // namespace mailctl
