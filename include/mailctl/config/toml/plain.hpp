// SPDX-License-Identifier: Apache-2.0
// The plain part of TOML, read quickly: tables with headers, keys, strings without escapes, numbers, arrays of strings;
// a value of another kind is handed to the parser (toml.hpp) by itself. What is written with less common means (dotted
// keys, arrays of tables, a header for a table that is there already), and whatever is wrong, is left to the parser
// altogether: this reader never says what is wrong, and what it reads is what the parser would have read.
#pragma once

#include "mailctl/config/toml/toml.hpp"

#include <optional>
#include <string_view>

namespace mailctl {

// nullopt: leave it to the parser. Places hold the line only: enough for order, not for messages.
[[nodiscard]] std::optional<Node> read_plain_toml(std::string_view text);

} // namespace mailctl
