// SPDX-License-Identifier: Apache-2.0
// How much room a text takes on a terminal. Names are written in every script, so columns are counted, not bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// Columns that `text` takes: 2 for East Asian wide characters, 0 for combining ones (Unicode UAX 11).
[[nodiscard]] std::size_t display_width(std::string_view text);
// The beginning of `text` that fits into `width` columns, with "…" as its last column if something was cut off.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);
// Broken at blanks into lines of at most `width` columns; a longer word has a line for itself. At least one line.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent_of_next_lines);

} // namespace mailctl
