// SPDX-License-Identifier: Apache-2.0
// What is wrong with the rows of a file, for one report: every row that failed with its reason, and sentences for
// people up to a number that a person reads. A million errors stay a million short strings, and are told as counts.
#pragma once

#include "mailctl/base/error.hpp"
#include "mailctl/config/names.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mailctl {

struct RowRef { // a row of the text; number counts rows from 0, the header left out
    std::uint64_t offset = 0;
    std::uint32_t line = 0, number = 0;
};

class RowErrors {
  public:
    using Where = std::function<std::string(const RowRef&)>; // how messages name the row's place: "users.csv:12"

    void add(const RowRef& row, std::size_t cell, std::string_view heading, const Objection& objection);
    void add(const RowRef& row, const Objection& objection); // to the row as a whole
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::size_t failed_rows() const; // rows, not errors
    // By place; of one row all reasons together: "column 3 (quota): unknown unit 'GX'; ...". They never hold a
    // password.
    void for_each_row(const std::function<void(const RowRef&, const std::string& reasons)>& use) const;
    // "users.csv:12: column 3 (quota): unknown unit 'GX'", one a line; of more than `most` the first, and the others
    // counted by column.
    [[nodiscard]] std::vector<std::string> lines(std::size_t most, const Where& where) const;
    // All of it as one failure of the whole file.
    [[nodiscard]] Error error(std::size_t most, const Where& where) const;

  private:
    struct Entry {
        RowRef row;
        std::uint32_t place; // index of places_
        std::string reason;
    };
    void add(const RowRef& row, std::string place, const Objection& objection);
    [[nodiscard]] std::vector<const Entry*> sorted() const;
    [[nodiscard]] std::string told(const Entry& entry) const;

    std::vector<Entry> entries_;
    std::vector<std::string> places_; // "column 3 (quota)"; "": the row as a whole
    RowRef first_;                    // by place, of those there are
    std::string remedy_;              // for that one
};

inline constexpr std::size_t most_errors_told = 1000;

} // namespace mailctl
