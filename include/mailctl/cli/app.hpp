// SPDX-License-Identifier: Apache-2.0
// mailctl from its words to its exit status: parse, find the command, run it, print its report or its error. The only
// place that prints errors, and the only one that reads the environment for the commands.
#pragma once

#include <span>
#include <string>

namespace mailctl {

// `words` without the program's name. Returns the exit status of specification 5.
[[nodiscard]] int run_mailctl(std::span<const std::string> words, const std::string& version);

} // namespace mailctl
