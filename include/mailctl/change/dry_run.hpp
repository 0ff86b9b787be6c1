// SPDX-License-Identifier: Apache-2.0
// What a dry run shows: the unified diff of every source file and every map that would change; in brief, the maps are
// one line that says how many of their lines come and go. Password hashes are
// hidden, here and wherever a diff is shown.
#pragma once

#include "mailctl/change/validation.hpp"

namespace mailctl {

[[nodiscard]] Result<Report> show_drafts(const World& world, const SiteView& view, std::span<const Draft> drafts,
                                         const Validated& validated);
// "{CRYPT}$y$j9T$..." becomes "{CRYPT}********".
[[nodiscard]] std::string hide_hashes(std::string_view text);

} // namespace mailctl
