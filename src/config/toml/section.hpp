// SPDX-License-Identifier: Apache-2.0
// Section: one table of a TOML text taken apart into its statements and what stands between them, and the rules of
// where a new line fits in and how it looks.
#pragma once

#include "layout.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mailctl {

// One statement with its line, or a run of comments and blank lines (no key). Offsets are within `text`.
struct Piece {
    std::string text;
    Statement statement;
    [[nodiscard]] bool is_statement() const { return !statement.key.empty(); }
};

struct Section {
    KeyPath path;
    std::uint64_t order = 0;             // grows with the place in the text
    std::string_view original;           // empty: it is new
    std::string_view lead, header, body; // of the original
    bool is_open = false;                // the fields below hold; the views above are history
    std::string lead_text, header_text;
    std::vector<Piece> pieces;
    // Positions of statements, by the first part of their key.
    std::unordered_map<std::string, std::vector<std::size_t>> by_first_part;
    [[nodiscard]] std::string text() const;
};

// A piece of one statement's line.
[[nodiscard]] Piece statement_piece(std::string text);
void index_statements(Section& section);
// Takes the comments and blank lines behind the last statement out of the section; put_back adds some at the end.
[[nodiscard]] std::string take_tail(Section& section);
void put_back(Section& section, std::string trivia);
// Position for a new statement; takes apart the comments it has to stand in. `has_next`: another section follows.
[[nodiscard]] std::size_t make_room(Section& section, const std::string& key, bool has_next,
                                    const std::string& line_end);
// A line in the style of the statements before `position`: their indentation, and their column of '='.
[[nodiscard]] std::string styled_line(const Section& section, std::size_t position, const std::string& key,
                                      std::string_view value, const std::string& line_end);

// Where the first run of blank lines ends (0: there is none), and where the blank lines at the end begin.
[[nodiscard]] std::size_t end_of_first_blanks(std::string_view text);
[[nodiscard]] std::size_t begin_of_last_blanks(std::string_view text);

} // namespace mailctl
