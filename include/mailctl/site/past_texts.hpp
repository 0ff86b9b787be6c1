// SPDX-License-Identifier: Apache-2.0
// What the source files said around an old change: nothing keeps old texts, so they are walked back to from what is
// applied now, record by record, each step proved by the digests. A history with a gap leads nowhere and says so.
#pragma once

#include "mailctl/site/site_view.hpp"

#include <cstdint>

namespace mailctl {

// The record of `id` and all later ones, the unfinished one included, oldest first. missing: there is none.
[[nodiscard]] Result<std::vector<HistoryRecord>> records_since(const SiteView& view, std::uint64_t id);

struct PastStep { // what one record did to the file
    std::uint64_t id;
    TextChange texts;
};
// The texts of `file` before and after each of `records` that touched it, oldest first. conflict: the history does not
// lead back.
[[nodiscard]] Result<std::vector<PastStep>> past_steps(const SiteView& view, const std::vector<HistoryRecord>& records,
                                                       const SourceFile& file);

} // namespace mailctl
