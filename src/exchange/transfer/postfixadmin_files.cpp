// SPDX-License-Identifier: Apache-2.0
// PostfixAdmin: its tables as CSV, read by the same profile as a single file of it.
#include "account_merger.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/transfer/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace mailctl {
namespace {

// The row as it stands, for the file of errors: nobody knows which of its cells is which.
std::string raw_row(std::string_view text, const CsvRow& row) {
    return std::string(trim(text.substr(row.offset, row.end - row.offset)));
}

AccountMerger::Cells merged_cells(const MappedRow& mapped) {
    AccountMerger::Cells cells;
    for (const auto& [column, text, cell] : mapped.cells)
        cells.emplace_back(column->name, text);
    if (mapped.password) cells.emplace_back("password", mapped.password->text);
    return cells;
}

void add_mapped(const MappedRow& mapped, const TextPlace& place, AccountMerger& merger) {
    const std::string address(mapped.address.text);
    if (mapped.is_passing_on)
        merger.add_targets(address, place, cell_elements(mapped.targets), BareNames::refused);
    else
        merger.add_mailbox(address, place, merged_cells(mapped));
    if (!mapped.problem.empty()) merger.refuse(address, place, {mapped.problem, "correct the row, or leave it out"});
}

Status add_table(const ForeignFile& file, AccountMerger& merger) {
    auto mapping = RowMapping::of(*find_profile("postfixadmin"));
    CsvReader reader(file.text, detect_start(file.text));
    TRY(refuse_binary(file.name, file.text));
    TRY(read_headings(reader, file.name, mapping));
    CsvRow row;
    MappedRow mapped;
    while (next_row(reader, row)) {
        const TextPlace place{file.name, row.line};
        if (const auto problem = object_to_form(row, mapping)) {
            merger.refuse_line(raw_row(file.text, row), place, problem->objection);
            continue;
        }
        mapping.map(row, mapped);
        for (const auto& note : mapped.notes)
            merger.note(place, note);
        if (mapped.is_about_no_account) continue;
        if (mapped.address.text.empty())
            merger.refuse_line(raw_row(file.text, row), place,
                               {"the address is missing", "write one, or remove the row"});
        else
            add_mapped(mapped, place, merger);
    }
    if (const auto unread = mapping.unread_columns(); !unread.empty()) merger.note({file.name, 1}, unread);
    return {};
}

// Cells by their heading, of the tables that make no account.
using RowCells = std::function<std::string(std::string_view heading)>;
Status for_each_row(const ForeignFile& file, const std::function<void(const RowCells&, const TextPlace&)>& use) {
    CsvReader reader(file.text, detect_start(file.text));
    TRY(refuse_binary(file.name, file.text));
    CsvRow header, row;
    if (!next_row(reader, header)) return {};
    while (next_row(reader, row)) {
        const RowCells cell = [&](std::string_view heading) {
            for (std::size_t i = 0; i < std::min(header.cells.size(), row.cells.size()); ++i)
                if (plain_heading(header.cells[i].text) == heading) return std::string(trim(row.cells[i].text));
            return std::string();
        };
        use(cell, {file.name, row.line});
    }
    return {};
}

Status tell_domain_aliases(const ForeignFile& file, AccountMerger& merger) {
    return for_each_row(file, [&](const RowCells& cell, const TextPlace& place) {
        const auto alias = cell("alias domain"), target = cell("target domain");
        merger.note(place, fmt::format("'{0}' is another name of '{1}' and left out: mailctl domain alias-add {1} {0}",
                                       printable(alias), printable(target)));
    });
}

Status tell_domains(const ForeignFile& file, AccountMerger& merger) {
    return for_each_row(file, [&](const RowCells& cell, const TextPlace& place) {
        const auto name = printable(cell("domain"));
        if (name.empty() || name == "ALL") return; // "ALL" is PostfixAdmin's own
        const bool is_active = is_yes(cell("active")).value_or(true),
                   is_backup = is_yes(cell("backupmx")).value_or(false);
        merger.note(place, fmt::format("what is set for the domain '{}' is not read{}{}", name,
                                       is_active ? "" : "; it is not active: mailctl domain suspend " + name,
                                       is_backup ? "; it is a backup MX there" : ""));
    });
}

} // namespace

Result<ForeignAccounts> from_postfixadmin(std::span<const ForeignFile> tables) {
    AccountMerger merger;
    for (const auto& file : tables) {
        if (file.name.ends_with("alias_domain.csv")) {
            TRY(tell_domain_aliases(file, merger));
        } else if (file.name.ends_with("/domain.csv")) {
            TRY(tell_domains(file, merger));
        } else {
            TRY(add_table(file, merger));
        }
    }
    return merger.finish(tables.empty() ? "" : tables.front().name);
}

} // namespace mailctl
