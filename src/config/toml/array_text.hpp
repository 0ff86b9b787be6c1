// SPDX-License-Identifier: Apache-2.0
// The text of one array of strings: elements go in or out and the layout stays, be it one line or many, with or without
// trailing comma, with comments. The text given is the whole value, brackets included. All steps together cost one
// pass.
#pragma once

#include "mailctl/config/toml/edit.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace mailctl {

[[nodiscard]] std::size_t count_elements(std::string_view array);

// In order of their places, all within the array; at one place either an element goes or others come.
[[nodiscard]] bool are_steps_of(std::size_t size, std::span<const ElementStep> steps);

// The array after such steps. A removed element takes its line along when it stood on a line of its own; a new one gets
// a line of its own where its neighbour has one. Without any element or comment left: "[]". `line_end` is the file's.
[[nodiscard]] std::string with_steps(std::string_view array, std::span<const ElementStep> steps,
                                     std::string_view line_end);

} // namespace mailctl
