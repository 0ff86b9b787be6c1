// SPDX-License-Identifier: Apache-2.0
// Reports for people: aligned columns, or "key: value" lines for one object. Everything shown is made printable first,
// and columns are measured in terminal cells, not bytes: names are written in every script.
#pragma once

#include "mailctl/report/report.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// Columns that `text` takes on a terminal: 2 for East Asian wide characters, 0 for combining ones (Unicode UAX 11).
[[nodiscard]] std::size_t display_width(std::string_view text);
// The beginning of `text` that fits into `width` columns, with "…" as its last column if something was cut off.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

// Headings and rows, two spaces between columns, numbers to the right; nothing at all for no rows. When the terminal's
// width (0 = unlimited) is exceeded, the last column of text is shortened, never the first: it is the identity.
[[nodiscard]] std::string render_table(const Report& report, Colour colour, std::size_t width);
// Each row as "key: value" lines, values aligned, empty ones left out, a blank line between rows.
[[nodiscard]] std::string render_sheet(const Report& report, Colour colour);

} // namespace mailctl
