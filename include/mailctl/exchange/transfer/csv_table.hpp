// SPDX-License-Identifier: Apache-2.0
// What every CSV file is looked at for before its rows mean anything: a line of headings that is understood, and rows
// that have a cell for each of them.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/exchange/transfer/row_mapping.hpp"

namespace mailctl {

// invalid: the bytes are not a text: a spreadsheet's own file, an archive, a picture.
[[nodiscard]] Status refuse_binary(std::string_view name, std::string_view text);
// The reader stands behind the headings then; where the format has none, nothing is read. invalid: no line, or what is
// wrong with it.
[[nodiscard]] Status read_headings(CsvReader& reader, std::string_view name, RowMapping& mapping);
// The next row that is not blank.
[[nodiscard]] bool next_row(CsvReader& reader, CsvRow& row);
struct FormProblem {
    std::optional<std::size_t> cell; // absent: the row as a whole
    Objection objection;
};
[[nodiscard]] std::optional<FormProblem> object_to_form(const CsvRow& row, const RowMapping& mapping);

} // namespace mailctl
