// SPDX-License-Identifier: Apache-2.0
// The record of changes as commands: `mailctl history`. Reverting is a new change made from the old one's reverse,
// refused when later changes touched the same lines. Password hashes are never shown.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <cstdint>

namespace mailctl {

[[nodiscard]] Result<Report> list_history(const World& world, std::size_t limit = 0); // newest first; 0 = all
[[nodiscard]] Result<Report> show_change(const World& world, std::uint64_t id);
// As it was typed: "mailctl mailbox delete ann@example.org".
[[nodiscard]] Result<std::string> command_of_change(const World& world, std::uint64_t id);
[[nodiscard]] Result<Report> revert_change(const World& world, std::uint64_t id, const ChangeOptions& options);

} // namespace mailctl
