// SPDX-License-Identifier: Apache-2.0
// What has which colour, for all reports: bold is what names something, red what is wrong or goes, yellow what needs a
// look, green what comes.
#pragma once

#include "mailctl/report/report.hpp"

namespace mailctl {

[[nodiscard]] std::string bold(std::string_view text, Colour colour);
// `shown`, in the colour of what the cell of that key says: "suspended" is yellow, an error red.
[[nodiscard]] std::string coloured_value(std::string_view key, std::string_view value, std::string_view shown,
                                         Colour colour);
// A unified diff, perhaps with lines of other text before it.
[[nodiscard]] std::string coloured_diff(std::string_view text, Colour colour);

} // namespace mailctl
