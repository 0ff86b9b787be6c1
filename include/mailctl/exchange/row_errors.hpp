// What is wrong with the rows of a file, for one report: every row that failed with its reason, and sentences for
// people up to a number that a person reads. A million errors stay a million short strings, and are told as counts.
#pragma once

#include "mailctl/base/error.hpp"
#include "mailctl/config/names.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mailctl {

struct RowRef { // a row of the text; number counts rows from 0, the header left out
    std::uint64_t offset = 0;
    std::uint32_t line = 0, number = 0;
};

struct RowError {
    RowRef row;
    std::string place;  // "column 3 (quota)"; empty: the row as a whole
    std::string reason; // never holds a password
};

class RowErrors {
  public:
    // `where` is how messages name the row's place: "users.csv:12".
    void add(const RowRef& row, std::string where, std::size_t cell, std::string_view heading,
             const Objection& objection);
    [[nodiscard]] bool empty() const { return errors_.empty(); }
    [[nodiscard]] std::size_t count() const { return errors_.size(); }
    [[nodiscard]] std::size_t failed_rows() const; // rows, not errors
    // By place; of one row all reasons together.
    [[nodiscard]] std::vector<RowError> by_row() const;
    // "users.csv:12: column 3 (quota): unknown unit 'GX'", one a line; of more than `most` the first, and the others
    // counted by column.
    [[nodiscard]] std::vector<std::string> lines(std::size_t most) const;
    // All of it as one failure of the whole file.
    [[nodiscard]] Error error(std::size_t most) const;

  private:
    struct Entry {
        RowError error;
        std::string where;
        std::string remedy; // of the first ones
    };
    [[nodiscard]] std::vector<const Entry*> sorted() const;

    std::vector<Entry> errors_;
};

inline constexpr std::size_t most_errors_told = 1000;

} // namespace mailctl
