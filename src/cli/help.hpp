// SPDX-License-Identifier: Apache-2.0
// Help, made from the command table: examples first, because that is what most readers came for. Plain text of at most
// 80 columns where a line can be broken; no colour, so that it reads the same in a pager, a log and a terminal.
#pragma once

#include "command.hpp"

namespace mailctl {

[[nodiscard]] std::string help_first_screen(); // for who types `mailctl` alone: at most 24 lines
[[nodiscard]] std::string help_overview();     // all nouns with their verbs
[[nodiscard]] std::string help_noun(const Noun& noun);
[[nodiscard]] std::string help_command(const Command& command);
// For what the words name: a command, a noun, or all of it. usage: no such thing.
[[nodiscard]] Result<std::string> help_for(std::span<const std::string> words);
// "-n, --dry-run", "    --name NAME", "-m REASON".
[[nodiscard]] std::string format_option(const Option& option);
// Words broken into lines of at most `width` columns, each behind `indent` spaces.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 80);

} // namespace mailctl
