// SPDX-License-Identifier: Apache-2.0
// The person in front of the terminal, if there is one: what a stream is, and the two questions we ask. Questions go to
// standard error, answers come from standard input; off a terminal they are refused, so that no script ever hangs on
// one.
#pragma once

#include "mailctl/base/result.hpp"

#include <string>
#include <string_view>

namespace mailctl {

enum class Stream { input = 0, output = 1, error = 2 };

[[nodiscard]] bool is_terminal(Stream stream);
[[nodiscard]] unsigned terminal_width(Stream stream); // columns; 80 where it cannot be known
// A terminal, TERM set and not "dumb", NO_COLOR absent or empty (no-color.org).
[[nodiscard]] bool wants_colour(Stream stream);
// All of standard input, which is not opened anew: it may be another user's pipe. usage: it is a terminal; `option`
// asked for it. failed: a part of it cannot be read; that is never taken for its end.
[[nodiscard]] Result<std::string> read_standard_input(std::string_view option, std::string_view hint);
// Asked twice without echo. usage: standard input is no terminal; invalid: the two differ, or empty; interrupted:
// Ctrl-C or end of input. The terminal is as before afterwards, also when a signal ends us.
[[nodiscard]] Result<std::string> read_password(std::string_view prompt);
// "question [y/N] ": true for y or yes. usage: no terminal to ask on.
[[nodiscard]] Result<bool> confirm(std::string_view question);
// "question [Y/n] ": false for n or no.
[[nodiscard]] Result<bool> confirm_unless_no(std::string_view question);

} // namespace mailctl
