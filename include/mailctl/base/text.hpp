// SPDX-License-Identifier: Apache-2.0
// Words about text that every floor uses. ASCII only on purpose: configuration keys, header names and local parts are
// folded the way RFC 5321 compares them, never by the locale.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

[[nodiscard]] std::string_view trim(std::string_view text); // spaces, tabs, CR, LF at both ends
[[nodiscard]] std::string fold(std::string_view text);      // A-Z to a-z, all else untouched
[[nodiscard]] bool equal_folded(std::string_view a, std::string_view b);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator); // keeps empty fields
template <class Text>
requires std::same_as<Text, std::string>
void split(Text&& text, char separator) = delete; // the fields would be views of what is gone
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
// "1 message", "2 messages", "0 mailboxes".
[[nodiscard]] std::string how_many(std::uint64_t count, std::string_view one);
[[nodiscard]] bool is_utf8(std::string_view text); // RFC 3629: no surrogates, no overlong forms
struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0; // bytes it takes
};
// The code point that begins at byte `at` (which must exist); absent if the bytes there are not UTF-8.
[[nodiscard]] std::optional<CodePoint> code_point_at(std::string_view text, std::size_t at);
// Number of code points; invalid bytes count one each. Column numbers of toml++ count this way.
[[nodiscard]] std::size_t count_code_points(std::string_view text);
// `*` any run, `?` any one byte, case folded, anchored at both ends. At worst length times length: no backtracking
// bomb.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text);
// For people and logs: control characters (also C1 and the bidirectional ones), line separators and invalid UTF-8
// become \xNN, so that hostile text stays on one line, in its order, and cannot move a terminal's cursor.
[[nodiscard]] std::string printable(std::string_view text);
// No more than `most` bytes, for people: what is cut ends in "...", and at the end of a character where it is UTF-8.
[[nodiscard]] std::string cut_text(std::string_view text, std::size_t most);
// The candidate nearest to `word` by Damerau-Levenshtein distance, if within 2 (and less than half the word).
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

} // namespace mailctl
