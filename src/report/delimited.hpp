// SPDX-License-Identifier: Apache-2.0
// Reports for scripts: tab-separated (--plain) and CSV. Both carry the cells marked in_plain, lists joined by spaces,
// sizes in bytes, true and false, and nothing for what is absent.
#pragma once

#include "mailctl/report/report.hpp"

#include <string>

namespace mailctl {

// No header; tab, line feed, carriage return and backslash in a value are written \t \n \r \\, so that a row is a line.
[[nodiscard]] std::string render_plain(const Report& report);
// RFC 4180 with a header row and LF line ends; nothing for no rows. A text that a spreadsheet would run as a formula
// (it begins with = + - @ tab or CR, perhaps behind apostrophes) gets one apostrophe in front; who reads it back drops
// that one.
[[nodiscard]] std::string render_csv(const Report& report);

} // namespace mailctl
