// SPDX-License-Identifier: Apache-2.0
// Tables of Postfix as postmap(1) reads their source: "key whitespace value", one entry a logical line. A line that
// begins with white space continues the one before, also over blank lines and remarks between the two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct PostfixEntry {
    std::size_t line = 0; // the first of its lines, from 1
    std::string key, value;
    std::string problem = {}; // why Postfix would pass over it or read something else; empty = none
};
[[nodiscard]] std::vector<PostfixEntry> read_postfix_table(std::string_view text);

// The addresses of a value of virtual(5): between commas and white space, quoted strings whole.
[[nodiscard]] std::vector<std::string_view> postfix_addresses(std::string_view value);

} // namespace mailctl
