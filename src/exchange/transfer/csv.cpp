// SPDX-License-Identifier: Apache-2.0
// A quote that is never closed swallows the rest of the file: the row that opened it is reported, and reading goes on
// with the next line. From then on a quoted cell may not run over a line end, so that no text is read a third time.
#include "mailctl/exchange/transfer/csv.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

constexpr std::size_t none = std::string_view::npos;

std::string with_single_quotes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] == '"') ++i; // the second of a pair
    }
    return out;
}

} // namespace

std::size_t CsvRow::filled_cells() const {
    std::size_t filled = cells.size();
    while (filled > 0 && trim(cells[filled - 1].text).empty())
        --filled;
    return filled;
}

bool CsvRow::is_blank() const { return filled_cells() == 0; }

bool CsvReader::end_cell() {
    if (at_ == text_.size()) return false;
    if (text_[at_] == delimiter_) {
        ++at_;
        return true;
    }
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
    return false;
}

void CsvReader::skip_line() {
    while (at_ < text_.size() && !is_line_end(text_[at_]))
        ++at_;
}

bool CsvReader::read_quoted(CsvRow& row) {
    const std::size_t opened = at_, line = line_, begin = at_ + 1;
    bool has_pairs = false;
    std::size_t quote = text_.find('"', begin);
    while (quote != none && quote + 1 < text_.size() && text_[quote + 1] == '"') {
        has_pairs = true;
        quote = text_.find('"', quote + 2);
    }
    const auto inside = quote == none ? std::string_view() : text_.substr(begin, quote - begin);
    if (quote == none || inside.size() > max_cell || (lost_quote_ && std::ranges::any_of(inside, is_line_end))) {
        row.problem = quote == none || lost_quote_ ? "a quote is opened here and never closed"
                                                   : "a cell is longer than 1 MiB: is a quote missing before it?";
        lost_quote_ = true;
        at_ = opened;
        skip_line();
        return end_cell();
    }
    at_ = quote + 1;
    for (std::size_t i = 0; i < inside.size(); ++i)
        if (inside[i] == '\n' || (inside[i] == '\r' && (i + 1 == inside.size() || inside[i + 1] != '\n'))) ++line_;
    if (at_ < text_.size() && text_[at_] != delimiter_ && !is_line_end(text_[at_])) {
        row.problem = "text stands behind a closing quote; a quote inside a cell is written twice";
        skip_line();
    }
    if (has_pairs)
        row.cells.push_back({row.unquoted.emplace_back(with_single_quotes(inside)), line, true});
    else
        row.cells.push_back({inside, line, true});
    return end_cell();
}

bool CsvReader::read_cell(CsvRow& row) {
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted(row);
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && !is_line_end(text_[at_]))
        ++at_;
    if (at_ - begin > max_cell) row.problem = "a cell is longer than 1 MiB";
    row.cells.push_back({text_.substr(begin, at_ - begin), line_});
    return end_cell();
}

bool CsvReader::next(CsvRow& row) {
    row.cells.clear();
    row.unquoted.clear();
    row.problem.clear();
    if (at_ == text_.size()) return false;
    row.offset = at_;
    row.line = line_;
    while (read_cell(row)) {
        if (row.problem.empty()) row.problem_cell = row.cells.size();
    }
    row.end = at_;
    return true;
}

CsvStart detect_start(std::string_view text) {
    constexpr std::string_view delimiters = ",;\t|";
    if (text.size() >= 5 && text.starts_with("sep=")) {
        const auto end = text.find('\n');
        return {text[4], end == none ? text.size() : end + 1, 2};
    }
    std::array<std::size_t, delimiters.size()> counts{};
    bool quoted = false, seen = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (is_line_end(c) && seen) break;
        seen = seen || !is_line_end(c);
        if (const auto which = delimiters.find(c); which != none) ++counts[which];
    }
    return {delimiters[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())], 0, 1};
}

void append_csv_row(std::string& out, std::span<const std::string> cells, LineEnd line_end) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        const std::string& cell = cells[i];
        if (cell.find_first_of(",;\t|\"\r\n") == none) {
            out += cell;
            continue;
        }
        out += '"';
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    out += line_end == LineEnd::crlf ? "\r\n" : "\n";
}

} // namespace mailctl
