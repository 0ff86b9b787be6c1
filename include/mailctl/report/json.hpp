// Reports for programs, as JSON (RFC 8259). Keys keep the order of the cells. Bytes that are not UTF-8 become U+FFFD: a
// report never fails because of what it reports.
#pragma once

#include "mailctl/report/report.hpp"

#include <string>

namespace mailctl {

// An array of one object per row, two spaces of indentation, "schema" and "type" before the cells; "[]" for no rows.
// Ends with a line feed.
[[nodiscard]] std::string render_json(const Report& report);

} // namespace mailctl
