// SPDX-License-Identifier: Apache-2.0
// Reports for people: aligned columns, or "key: value" lines for one object. Everything shown is made printable first,
// and columns are measured in terminal cells, not bytes: names are written in every script.
#pragma once

#include "display_width.hpp"
#include "mailctl/report/report.hpp"

namespace mailctl {

// Headings and rows, two spaces between columns, numbers to the right; nothing at all for no rows. On a terminal (width
// in columns; 0 = unlimited, as it is) no line is longer than the terminal is wide: empty columns are left out; then
// lists become the number of their elements; then the widest columns are shortened, the identity last of all; then
// columns are left out from the right, and a line below names them.
[[nodiscard]] std::string render_table(const Report& report, Colour colour, std::size_t width,
                                       const OffsetOfZone& zone = {});
// Each row as "key: value" lines, values aligned and broken at blanks where the terminal ends, empty ones left out, a
// blank line between rows. A text of several lines stands below its key, indented.
[[nodiscard]] std::string render_sheet(const Report& report, Colour colour, std::size_t width = 0,
                                       const OffsetOfZone& zone = {});

} // namespace mailctl
