// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/csv_table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

Status refuse_binary(std::string_view name, std::string_view text) {
    const bool is_binary = std::ranges::any_of(text.substr(0, 4096), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
    if (!is_binary && text.find('\0') == text.npos) return {};
    return fail(ErrorKind::invalid, fmt::format("'{}' is no text", printable(name)),
                "save it as CSV first; a UTF-16 text may need --encoding");
}

Status read_headings(CsvReader& reader, std::string_view name, RowMapping& mapping) {
    if (!mapping.has_header()) return {};
    CsvRow row;
    if (!next_row(reader, row))
        return fail(ErrorKind::invalid, fmt::format("'{}' is empty", printable(name)),
                    "its first line names the columns: mailctl-csv(5)");
    if (!row.problem.empty()) return fail(ErrorKind::invalid, fmt::format("{}:{}: {}", name, row.line, row.problem));
    const auto problems = mapping.read_header(row);
    if (problems.empty()) return {};
    std::string what;
    for (const auto& [cell, objection] : problems)
        what += fmt::format("{}{}:{}: column {}: {}", what.empty() ? "" : "\n", name, row.line, cell + 1,
                            objection.message);
    return fail(ErrorKind::invalid, what, problems.front().objection.remedy);
}

bool next_row(CsvReader& reader, CsvRow& row) {
    bool found = reader.next(row);
    while (found && row.problem.empty() && row.is_blank())
        found = reader.next(row);
    return found;
}

std::optional<FormProblem> object_to_form(const CsvRow& row, const RowMapping& mapping) {
    if (!row.problem.empty())
        return FormProblem{row.problem_cell, {row.problem, "write a quote inside a quoted cell twice"}};
    const auto columns = mapping.headings().size();
    const auto filled = row.filled_cells(); // spreadsheets write empty cells behind the last column
    if (columns == 0 || (row.cells.size() >= columns && filled <= columns)) return std::nullopt;
    return FormProblem{{},
                       {fmt::format("the row has {} cells, and there are {} columns",
                                    filled > columns ? filled : row.cells.size(), columns),
                        filled > columns ? "put a cell that holds the delimiter in quotes" : "is the file cut off?"}};
}

} // namespace mailctl
