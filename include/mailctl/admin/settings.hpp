// SPDX-License-Identifier: Apache-2.0
// The site's settings as commands: `mailctl config`, and `mailctl apply` for files edited by hand.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

// All keys, or those named. missing: no such key.
[[nodiscard]] Result<Report> show_settings(const World& world, std::span<const std::string> keys);
[[nodiscard]] Result<Report> set_settings(const World& world, std::span<const Assignment> assignments,
                                          const ChangeOptions& options);
// Every diagnostic of mailctl.toml and all domain files; status 5 if there is one. Changes nothing, takes no lock.
[[nodiscard]] Result<Report> check_settings(const World& world);

// Compile what was edited by hand and rebuild what depends on it. All or nothing: if one file is bad every diagnostic
// is reported (invalid) and the last good state stays in force. Keys that are kept but not acted on yet are notes.
[[nodiscard]] Result<Report> apply_hand_edits(const World& world, const ChangeOptions& options);

} // namespace mailctl
