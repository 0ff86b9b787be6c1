// SPDX-License-Identifier: Apache-2.0
// Layout: where things stand in a TOML text, as byte offsets: sections with their headers and comment blocks,
// statements, array elements, entries of inline tables. One linear pass that never looks at the inside of
// untouched sections again, so that one edit in a large file stays cheap.
#pragma once

#include "mailctl/config/toml/value.hpp"
#include "scanner.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// A header `[a.b]` with what stands under it. The first section of every text has no header: the keys before the first
// one.
struct SectionSpan {
    std::vector<KeyPart> path;
    bool is_array = false; // [[a.b]]
    Span lead;             // the comment block directly above the header: it belongs to the table
    Span header;           // the header's line, line end included; of the first section: the byte order mark, if any
    Span body;             // up to the lead of the next header
};

struct Layout {
    std::vector<SectionSpan> sections;  // they cover the text without gaps
    std::optional<std::size_t> trouble; // offset where the text stopped making sense; sections then end there
    std::size_t sound_end = 0;          // of trouble: behind the last line that made sense
    std::string_view reason;            // of the trouble, for people
};

[[nodiscard]] Layout scan_layout(std::string_view text);
// The parts of text that scan_layout accepted. Statements of a body; comments and blank lines are what lies between
// them.
[[nodiscard]] std::vector<Statement> scan_statements(std::string_view text, Span body);
[[nodiscard]] std::vector<Span> scan_elements(std::string_view text, Span array);
[[nodiscard]] std::vector<Statement> scan_entries(std::string_view text, Span inline_table);
// Offset behind blanks, line ends and comments.
[[nodiscard]] std::size_t skip_trivia(std::string_view text, std::size_t at);
// The line around an offset, line end included.
[[nodiscard]] Span line_around(std::string_view text, std::size_t at);

} // namespace mailctl
