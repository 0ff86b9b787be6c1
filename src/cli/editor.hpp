// SPDX-License-Identifier: Apache-2.0
// A text in the administrator's editor: a private copy is edited, checked, and edited again while it is wrong.
// Installing what comes back is the caller's business; this file never writes below the site.
#pragma once

#include "mailctl/base/result.hpp"

#include <functional>
#include <string>

namespace mailctl {

// VISUAL, then EDITOR (words separated by spaces, no shell), then "editor" and "vi" on a terminal. usage: off a
// terminal and neither is set. What `check` refuses may be edited again on a terminal; otherwise its Error is returned
// and the hint names the copy, which is kept. failed: the editor's status was not 0.
[[nodiscard]] Result<std::string>
edit_text(const std::string& text, const std::string& file_name,
          const std::function<Status(const std::string& edited, const std::string& path_of_copy)>& check);

} // namespace mailctl
