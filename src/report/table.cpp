// SPDX-License-Identifier: Apache-2.0
// Lines from columns that fit, and sheets.
#include "table.hpp"

#include "colours.hpp"
#include "columns.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t indent_of_block = 4;

// `drawn` takes as many columns as `text`. Padded to the column's width; the last column is not padded on its right.
void put_field(std::string& line, const TableColumn& column, std::string_view text, std::string_view drawn,
               bool is_last) {
    const auto used = display_width(text);
    const std::string padding(column.width - std::min(used, column.width), ' ');
    if (column.right) line += padding;
    line += drawn;
    if (!column.right && !is_last) line += padding;
    if (!is_last) line.append(gap_of_columns, ' ');
}

std::string without_blanks_at_end(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string line_of_headings(const std::vector<TableColumn>& columns) {
    std::string line;
    for (const auto& column : columns)
        put_field(line, column, column.heading, column.heading, &column == &columns.back());
    return without_blanks_at_end(std::move(line));
}

std::string line_of_row(const std::vector<TableColumn>& columns, std::size_t row, Colour colour) {
    std::string line;
    for (const auto& column : columns) {
        const auto& text = column.texts[row];
        put_field(line, column, text, coloured_value(column.key, text, text, colour), &column == &columns.back());
    }
    return without_blanks_at_end(std::move(line));
}

// One row of a sheet, and the rows inside it.
class Sheet {
  public:
    Sheet(std::string& out, Colour colour, std::size_t width, const OffsetOfZone& zone)
        : out_(out), colour_(colour), width_(width), zone_(zone) {}

    void put(const Cells& cells, std::size_t indent) {
        std::size_t labels = 0;
        for (const auto& cell : cells)
            if (stands_beside_its_label(cell)) labels = std::max(labels, cell.key.size() + 1);
        for (const auto& cell : cells)
            if (cell.in_table) put(cell, indent, labels);
    }

  private:
    [[nodiscard]] bool stands_beside_its_label(const Cell& cell) const {
        return cell.in_table && !std::holds_alternative<Cells>(cell.value);
    }
    void put(const Cell& cell, std::size_t indent, std::size_t labels) {
        const auto label = cell.key + ':';
        if (const auto* inner = std::get_if<Cells>(&cell.value)) {
            if (inner->empty()) return;
            begin(label, indent);
            out_ += '\n';
            put(*inner, indent + gap_of_columns);
        } else if (const auto block = block_of(cell); !block.empty()) {
            begin(label, indent);
            put(block, indent + indent_of_block);
        } else if (const auto value = shown_cell(cell, zone_); !value.empty()) {
            begin(label, indent);
            out_.append(labels - label.size() + 1, ' ');
            out_ += coloured_value(cell.key, value, broken(value, indent + labels + 1), colour_) + '\n';
        }
    }
    void begin(const std::string& label, std::size_t indent) {
        out_.append(indent, ' ');
        out_ += bold(label, colour_);
    }
    void put(const std::vector<std::string>& block, std::size_t indent) {
        out_ += '\n';
        for (const auto& line : block)
            out_ += without_blanks_at_end(std::string(indent, ' ') + broken(line, indent)) + '\n';
    }
    [[nodiscard]] std::string broken(const std::string& value, std::size_t indent) const {
        constexpr std::size_t least = 16; // narrower lines are harder to read than broken ones
        return width_ < indent + least ? value : wrapped(value, width_ - indent, indent);
    }

    std::string& out_;
    Colour colour_;
    std::size_t width_;
    const OffsetOfZone& zone_;
};

} // namespace

std::string render_table(const Report& report, Colour colour, std::size_t width, const OffsetOfZone& zone) {
    if (report.rows.empty()) return {};
    auto columns = columns_of(report, width > 0 ? Bars::on : Bars::off, zone);
    if (columns.empty()) return {};
    const auto left_out = width > 0 ? fit_columns(columns, width) : std::vector<std::string>{};
    auto out = bold(line_of_headings(columns), colour) + '\n';
    for (std::size_t row = 0; row < columns.front().texts.size(); ++row)
        out += line_of_row(columns, row, colour) + '\n';
    if (!left_out.empty()) out += shortened("not shown: " + join(left_out, ", "), width) + '\n';
    return out;
}

std::string render_sheet(const Report& report, Colour colour, std::size_t width, const OffsetOfZone& zone) {
    std::string out;
    for (const auto& row : report.rows) {
        if (!out.empty()) out += '\n';
        Sheet(out, colour, width, zone).put(row, 0);
    }
    return out;
}

} // namespace mailctl
