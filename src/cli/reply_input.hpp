// SPDX-License-Identifier: Apache-2.0
// The options that give the words of a reply, for `robot` and `autoreply`: on the command line, from a file or from
// standard input. Text must be UTF-8; line ends are made LF.
#pragma once

#include "invocation.hpp"
#include "mailctl/site/reply_text.hpp"

namespace mailctl {

// "none", or empty: what an option clears with.
[[nodiscard]] bool is_nothing(std::string_view value);
[[nodiscard]] const std::vector<Option>& reply_options();
// What of them was given. usage: text that is no UTF-8 or holds NUL, two readings of standard input.
[[nodiscard]] Result<ReplyText> read_reply_text(const Arguments& arguments);

} // namespace mailctl
