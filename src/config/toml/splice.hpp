// SPDX-License-Identifier: Apache-2.0
// Splices on the text of one array or one inline table: an element or entry goes in or out and the layout stays, be it
// one line or many, with or without trailing comma, with comments. The text given is the whole value, brackets
// included.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// `element` and `entry` are TOML text ("\"paul\"", "login = true"); `line_end` is the file's.
[[nodiscard]] std::string with_element(std::string_view array, std::string_view element, std::string_view line_end);
// In front of an element that is there, on a line of its own where that one has one.
[[nodiscard]] std::string with_element_at(std::string_view array, std::size_t index, std::string_view element,
                                          std::string_view line_end);
[[nodiscard]] std::string with_other_element(std::string_view array, std::size_t index, std::string_view element);
[[nodiscard]] std::size_t count_elements(std::string_view array);
// The line goes too when the element stood on a line of its own. Without any element or comment left: "[]".
[[nodiscard]] std::string without_element(std::string_view array, std::size_t index);
[[nodiscard]] std::string with_entry(std::string_view table, std::string_view entry);
[[nodiscard]] std::string without_entry(std::string_view table, std::size_t index);

} // namespace mailctl
