// SPDX-License-Identifier: Apache-2.0
// CSV as it is found in the wild (RFC 4180 and what spreadsheets make of it): any delimiter, quoted cells with line
// breaks, LF, CRLF or CR line ends. One pass, no copies: cells point into the text. What is broken is told where it
// stands, and reading goes on behind it, so that one report can name all of it.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct CsvCell {
    std::string_view text;
    std::size_t line = 0; // where it begins, from 1
    bool is_quoted = false;
};

struct CsvRow {
    std::size_t offset = 0, end = 0;  // bytes of the text, line end included
    std::size_t line = 0;             // of its first cell, from 1
    std::vector<CsvCell> cells;       // valid while the text and this row live
    std::string problem;              // why it cannot be read; empty = all is well
    std::size_t problem_cell = 0;     // index of the cell the problem is in
    std::deque<std::string> unquoted; // what cells point to where quotes had to be taken off

    [[nodiscard]] bool is_blank() const;            // nothing but blanks: spreadsheets leave such rows behind
    [[nodiscard]] std::size_t filled_cells() const; // up to the last that is not blank
};

inline constexpr std::size_t max_cell = std::size_t{1} << 20; // bytes; a longer cell is a file that lost a quote

// Where the rows begin and what divides their cells: ',', ';', TAB or '|', whichever divides the first line into most
// cells. A first line "sep=;", as Excel writes it, decides and is skipped.
struct CsvStart {
    char delimiter = ',';
    std::size_t offset = 0, line = 1;
};
[[nodiscard]] CsvStart detect_start(std::string_view text);

class CsvReader {
  public:
    CsvReader(std::string_view text, const CsvStart& start)
        : text_(text), delimiter_(start.delimiter), at_(start.offset), line_(start.line) {}
    // False at the end of the text.
    bool next(CsvRow& row);

  private:
    bool read_cell(CsvRow& row); // false: the row ends behind it
    bool read_quoted(CsvRow& row);
    void skip_line();
    bool end_cell(); // at a delimiter or line end

    std::string_view text_;
    char delimiter_;
    std::size_t at_, line_;
    bool lost_quote_ = false; // one was never closed: from here on quotes are not trusted over line ends
};

// One line with LF (or CRLF) at its end; cells are quoted where they must be.
enum class LineEnd { lf, crlf };
void append_csv_row(std::string& out, std::span<const std::string> cells, LineEnd line_end = LineEnd::lf);

} // namespace mailctl
