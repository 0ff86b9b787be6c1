// SPDX-License-Identifier: Apache-2.0
// A cell as people read it: "2 GiB", "yes", "2026-11-27 23:37" in the site's time zone, a bar for a share. Everything
// is made printable here, once.
#pragma once

#include "mailctl/report/report.hpp"

namespace mailctl {

enum class Bars { off, on };

[[nodiscard]] std::string shown_cell(const Cell& cell, const OffsetOfZone& zone, Bars bars = Bars::off);
// The lines of a text of more than one, each printable and tabs as blanks; empty for every other cell.
[[nodiscard]] std::vector<std::string> block_of(const Cell& cell);
[[nodiscard]] bool is_number(const Cell& cell);
[[nodiscard]] std::string heading_of(const Cell& cell);

} // namespace mailctl
