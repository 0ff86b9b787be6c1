// SPDX-License-Identifier: Apache-2.0
// What the shell offers at the cursor. Called by the adaptor scripts of `mailctl completion` as
// `mailctl __complete -- WORD...`, the last word being the unfinished one. Never locks, asks, writes or fails, and ends
// by itself within a second: a completion that hangs takes the terminal with it.
#pragma once

#include "arguments.hpp"

namespace mailctl {

struct Candidate {
    std::string value, says; // a value that ends in '=', '@' or ':' wants no space behind it
};
struct Completion {
    enum class Kind { words, files, directories }; // files, directories: the shell's own completion of paths
    Kind kind = Kind::words;
    std::vector<Candidate> candidates;
};

// Live values (domains, addresses) come through `find_values`, so that the rest is a function of the table.
using FindValues = std::vector<std::string> (*)(const Arguments& arguments, Values values, std::string_view prefix);
[[nodiscard]] Completion complete_words(std::span<const std::string> words, FindValues find_values);
// "words", "files" or "directories" on the first line, then "VALUE<TAB>DESCRIPTION" lines.
[[nodiscard]] std::string format_completion(const Completion& completion);

// The hidden command; `words` begin with "--".
[[nodiscard]] Result<int> run_complete(std::span<const std::string> words);

} // namespace mailctl
