// SPDX-License-Identifier: Apache-2.0
// The files of completions/ as texts of the program; the build makes their definitions from them.
#pragma once

#include <string_view>

namespace mailctl {

extern const std::string_view bash_completion, zsh_completion, fish_completion;

} // namespace mailctl
