// SPDX-License-Identifier: Apache-2.0
// Room is found in steps, from what costs the reader least: nothing to see, lists as numbers, less of long texts, and
// only then a column.
#include "columns.hpp"

#include "display_width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace mailctl {
namespace {

constexpr std::size_t least_of_text = 10, least_of_identity = 16, least_of_heading = 4;

// A row that is for programs alone has no cell in the table.
bool is_in_table(const Cells& row) { return std::ranges::any_of(row, &Cell::in_table); }

void measure(TableColumn& column) {
    column.width = display_width(column.heading);
    for (const auto& text : column.texts)
        column.width = std::max(column.width, display_width(text));
}

// Numbers stand to the right where there is nothing else in the column.
class ColumnMaker {
  public:
    ColumnMaker(const Cell& cell, Bars bars, const OffsetOfZone& zone)
        : column_{cell.key, heading_of(cell)}, bars_(bars), zone_(zone) {}
    void add(const Cells& row) {
        const auto cell = std::ranges::find(row, column_.key, &Cell::key);
        column_.texts.push_back(cell == row.end() ? std::string{} : shown_cell(*cell, zone_, bars_));
        column_.counts.emplace_back();
        if (column_.texts.back().empty()) return;
        const bool number = is_number(*cell);
        has_number_ = has_number_ || number;
        has_text_ = has_text_ || !number;
        const auto* list = std::get_if<std::vector<std::string>>(&cell->value);
        column_.counts.back() = list ? fmt::format("{}", list->size()) : column_.texts.back();
        column_.has_list = column_.has_list || (list && list->size() > 1);
        is_rigid_ = is_rigid_ && (number || std::holds_alternative<Instant>(cell->value));
    }
    TableColumn take() {
        column_.right = has_number_ && !has_text_;
        column_.is_rigid = is_rigid_;
        measure(column_);
        return std::move(column_);
    }

  private:
    TableColumn column_;
    Bars bars_;
    const OffsetOfZone& zone_;
    bool has_number_ = false, has_text_ = false, is_rigid_ = true;
};

bool is_empty(const TableColumn& column) {
    return std::ranges::all_of(column.texts, [](const std::string& text) { return text.empty(); });
}

std::size_t gaps_of(std::size_t columns) { return columns == 0 ? 0 : gap_of_columns * (columns - 1); }

std::size_t room_of(const std::vector<TableColumn>& columns) {
    return std::accumulate(columns.begin(), columns.end(), gaps_of(columns.size()),
                           [](std::size_t sum, const TableColumn& column) { return sum + column.width; });
}

void count_lists(std::vector<TableColumn>& columns, std::size_t width) {
    while (room_of(columns) > width) {
        auto widest = columns.end();
        for (auto column = columns.begin(); column != columns.end(); ++column)
            if (column->has_list && (widest == columns.end() || column->width > widest->width)) widest = column;
        if (widest == columns.end()) return;
        widest->texts = widest->counts;
        widest->has_list = false;
        widest->right = widest->is_rigid = true;
        measure(*widest);
    }
}

std::size_t width_of_content(const TableColumn& column) {
    std::size_t content = 0;
    for (const auto& text : column.texts)
        content = std::max(content, display_width(text));
    return std::max(content, least_of_heading);
}

// Numbers and times are never cut, their headings are.
std::size_t least_width(const TableColumn& column, bool is_identity) {
    const auto content = width_of_content(column);
    if (column.is_rigid) return std::min(column.width, content);
    return std::min(column.width, is_identity ? least_of_identity : std::min(least_of_text, content));
}

// One column of the terminal at a time: from the heading that is longest beyond what stands below it, then from the
// widest, from the first only when no other can give any more.
class RoomTaker {
  public:
    RoomTaker(std::vector<TableColumn>& columns, const std::vector<std::size_t>& least)
        : columns_(columns), least_(least) {
        for (const auto& column : columns)
            contents_.push_back(width_of_content(column));
    }
    bool take_one() {
        auto giver = greatest([&](std::size_t i) { return slack_of(i, std::max(contents_[i], least_[i])); });
        if (giver == 0)
            giver = greatest([&](std::size_t i) { return slack_of(i, least_[i]) == 0 ? 0 : columns_[i].width; });
        if (columns_[giver].width == 0) return false;
        --columns_[giver].width;
        return true;
    }

  private:
    [[nodiscard]] std::size_t slack_of(std::size_t i, std::size_t least) const {
        return columns_[i].width - std::min(columns_[i].width, least);
    }
    template <class Measure>
    std::size_t greatest(Measure measure) const { // 0: none of the others
        std::size_t found = 0, most = 0;
        for (std::size_t i = 1; i < columns_.size(); ++i)
            if (const auto each = measure(i); each > most) {
                most = each;
                found = i;
            }
        return found;
    }
    std::vector<TableColumn>& columns_;
    const std::vector<std::size_t>& least_;
    std::vector<std::size_t> contents_;
};

void take_room(std::vector<TableColumn>& columns, const std::vector<std::size_t>& least, std::size_t width) {
    RoomTaker taker(columns, least);
    for (auto room = room_of(columns); room > width && taker.take_one(); --room) {
    }
}

std::size_t how_many_fit(const std::vector<std::size_t>& least, std::size_t width) {
    std::size_t fitting = 0, room = 0;
    while (fitting < least.size() && room + least[fitting] + gaps_of(fitting + 1) <= width)
        room += least[fitting++];
    return std::max<std::size_t>(fitting, 1);
}

void cut_texts(std::vector<TableColumn>& columns) {
    for (auto& column : columns) {
        column.heading = shortened(column.heading, column.width);
        for (auto& text : column.texts)
            text = shortened(text, column.width);
    }
}

} // namespace

std::vector<TableColumn> columns_of(const Report& report, Bars bars, const OffsetOfZone& zone) {
    std::vector<TableColumn> columns;
    for (const auto& cell : report.rows.front()) {
        if (!cell.in_table) continue;
        ColumnMaker maker(cell, bars, zone);
        for (const auto& row : report.rows)
            if (is_in_table(row)) maker.add(row);
        for (const auto& row : report.totals)
            maker.add(row);
        columns.push_back(maker.take());
    }
    return columns;
}

std::vector<std::string> fit_columns(std::vector<TableColumn>& columns, std::size_t width) {
    const auto second = columns.begin() + std::min<std::ptrdiff_t>(1, std::ssize(columns));
    columns.erase(std::remove_if(second, columns.end(), is_empty), columns.end());
    count_lists(columns, width);
    std::vector<std::size_t> least;
    for (auto& column : columns) {
        column.width = std::min(column.width, std::max(width, least_of_identity));
        least.push_back(least_width(column, least.empty()));
    }
    const auto kept = static_cast<std::ptrdiff_t>(how_many_fit(least, width));
    std::vector<std::string> left_out;
    for (auto column = columns.begin() + kept; column != columns.end(); ++column)
        left_out.push_back(column->heading);
    columns.erase(columns.begin() + kept, columns.end());
    take_room(columns, least, width);
    cut_texts(columns);
    return left_out;
}

} // namespace mailctl
