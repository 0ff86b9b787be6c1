// SPDX-License-Identifier: Apache-2.0
// See section.hpp.
#include "section.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t\r\n") == line.npos; }

// How far the '=' stands from the key's begin: where neighbours are aligned a new line joins them.
std::size_t key_width(const Section& section, std::size_t before, std::size_t key_size) {
    std::size_t column = 0;
    bool is_aligned = false;
    for (std::size_t i = std::min(before, section.pieces.size()), seen = 0; i-- > 0 && seen < 3;) {
        const auto& piece = section.pieces[i];
        if (!piece.is_statement()) continue;
        const auto begin = piece.statement.key.front().span.begin, end = piece.statement.key.back().span.end;
        const auto equals = piece.text.find('=', end);
        if (seen++ == 0) column = equals - begin;
        if (equals - begin != column) return key_size;
        is_aligned = is_aligned || equals - end > 1;
    }
    return is_aligned && column > key_size + 1 ? column - 1 : key_size;
}

std::string indent_before(const Section& section, std::size_t before) {
    for (std::size_t i = std::min(before, section.pieces.size()); i-- > 0;)
        if (const auto& piece = section.pieces[i]; piece.is_statement())
            return piece.text.substr(0, piece.statement.key.front().span.begin);
    return {};
}

// Behind the line that holds `# key = ...`; npos when no such line is there.
std::size_t behind_commented_out(std::string_view trivia, std::string_view key) {
    for (std::size_t at = 0; at < trivia.size();) {
        const auto line = line_around(trivia, at);
        at = line.end;
        auto text = line.of(trivia);
        text.remove_prefix(std::min(text.find_first_not_of(" \t#"), text.size()));
        if (!text.starts_with(key) || line.of(trivia).find('#') == std::string_view::npos) continue;
        text.remove_prefix(key.size());
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        if (text.starts_with('=')) return line.end;
    }
    return std::string_view::npos;
}

} // namespace

std::string Section::text() const {
    if (!is_open) return std::string(original);
    std::string out = lead_text + header_text;
    for (const auto& piece : pieces)
        out += piece.text;
    return out;
}

Piece statement_piece(std::string text) {
    auto statements = scan_statements(text, {0, text.size()});
    return {std::move(text), statements.empty() ? Statement{} : std::move(statements.front())};
}

std::size_t end_of_first_blanks(std::string_view text) {
    bool in_run = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto line = line_around(text, at);
        if (is_blank_line(line.of(text)))
            in_run = true;
        else if (in_run)
            return at;
        at = line.end;
    }
    return in_run ? text.size() : 0;
}

std::size_t begin_of_last_blanks(std::string_view text) {
    auto at = text.size();
    while (at > 0) {
        const auto line = line_around(text, at - 1);
        if (!is_blank_line(line.of(text))) break;
        at = line.begin;
    }
    return at;
}

std::string take_tail(Section& section) {
    std::string tail;
    while (!section.pieces.empty() && !section.pieces.back().is_statement()) {
        tail.insert(0, section.pieces.back().text);
        section.pieces.pop_back();
    }
    return tail;
}

void put_back(Section& section, std::string trivia) {
    if (!trivia.empty()) section.pieces.push_back({std::move(trivia), {}});
}

void index_statements(Section& section) {
    section.by_first_part.clear();
    for (std::size_t i = 0; i < section.pieces.size(); ++i)
        if (const auto& piece = section.pieces[i]; piece.is_statement())
            section.by_first_part[piece.statement.key.front().name].push_back(i);
}

std::size_t make_room(Section& section, const std::string& key, bool has_next, const std::string& line_end) {
    auto& pieces = section.pieces;
    constexpr std::size_t many = 200; // a long table is data, not a form with keys to fill in
    for (std::size_t i = 0; i < pieces.size() && pieces.size() < many; ++i) {
        if (pieces[i].is_statement()) continue;
        const auto split = behind_commented_out(pieces[i].text, key);
        if (split == std::string::npos) continue;
        auto rest = pieces[i].text.substr(split);
        pieces[i].text.resize(split);
        pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1, Piece{std::move(rest), {}});
        return i + 1;
    }
    for (auto i = pieces.size(); i-- > 0;)
        if (pieces[i].is_statement()) return i + 1;
    if (!section.path.empty()) return 0;
    auto tail = take_tail(section); // before the first header: behind the comments at the top of the file
    const auto blanks = begin_of_last_blanks(tail);
    put_back(section, tail.substr(0, blanks));
    const auto position = pieces.size();
    put_back(section, blanks < tail.size() ? tail.substr(blanks) : has_next ? line_end : "");
    return position;
}

std::string styled_line(const Section& section, std::size_t position, const std::string& key, std::string_view value,
                        const std::string& line_end) {
    const auto width = key_width(section, position, key.size());
    return fmt::format("{}{:<{}} = {}{}", indent_before(section, position), key, width, value, line_end);
}

} // namespace mailctl
