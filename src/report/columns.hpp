// SPDX-License-Identifier: Apache-2.0
// The columns of a table, and how they are fitted into a terminal.
#pragma once

#include "mailctl/report/report.hpp"
#include "shown_cell.hpp"

namespace mailctl {

struct TableColumn {
    std::string key, heading;
    bool right = false; // numbers
    std::size_t width = 0;
    std::vector<std::string> texts = {};  // one per row, then one per total
    std::vector<std::string> counts = {}; // in place of the texts where these are lists too long; "" elsewhere
    bool has_list = false;                // of more than one element
    bool is_rigid = false;                // a part of it says nothing: numbers, times
};

// Those of the first row; another row's cell finds its column by key. Widths are what the texts need.
[[nodiscard]] std::vector<TableColumn> columns_of(const Report& report, Bars bars, const OffsetOfZone& zone);
// In `width` columns of the terminal, as table.hpp says. Returns the headings that found no room.
[[nodiscard]] std::vector<std::string> fit_columns(std::vector<TableColumn>& columns, std::size_t width);

inline constexpr std::size_t gap_of_columns = 2;

} // namespace mailctl
