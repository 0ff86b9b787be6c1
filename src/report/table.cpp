// SPDX-License-Identifier: Apache-2.0
// Tables and sheets: widths in terminal columns, values as people read them ("2 GiB", "yes").
#include "table.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

namespace mailctl {
namespace {

struct PointRange {
    char32_t first, last;
};
// East Asian Width W and F of Unicode, neighbours joined where nothing narrow of use lies between.
constexpr std::array<PointRange, 22> wide{{
    {0x1100, 0x115F}, {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE}, {0x2614, 0x2615},
    {0x2705, 0x2705}, {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2795, 0x2797},   {0x2E80, 0x303E}, {0x3041, 0xA4CF},
    {0xA960, 0xA97F}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F}, {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x16FE0, 0x1B2FF}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
}};
// Combining marks and other characters that take no column of their own.
constexpr std::array<PointRange, 20> narrowless{{
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x06D6, 0x06DC}, {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF},
}};

bool lies_in(std::span<const PointRange> ranges, char32_t point) {
    const auto next = std::ranges::upper_bound(ranges, point, {}, &PointRange::first);
    return next != ranges.begin() && point <= std::prev(next)->last;
}

std::size_t width_of(char32_t point) {
    if (point < 0x300) return 1;
    if (lies_in(narrowless, point)) return 0;
    return lies_in(wide, point) ? 2 : 1;
}

constexpr std::size_t gap = 2;        // columns between columns
constexpr std::size_t least_text = 8; // a column is not shortened below this
constexpr std::string_view ellipsis = "…";

constexpr std::int64_t bar_length = 10;

// "███████░░░  72"
std::string bar(std::int64_t percent) {
    const auto full = std::clamp((percent * bar_length + 50) / 100, std::int64_t{0}, bar_length);
    std::string drawn;
    for (std::int64_t i = 0; i < bar_length; ++i)
        drawn += i < full ? "█" : "░";
    return fmt::format("{} {:>3}", drawn, percent);
}

enum class Bars { off, on };

// Blanks of other widths and joiners belong to many a name and subject; in messages about single words they are shown.
constexpr std::array<PointRange, 6> parts_of_text{
    {{0xA0, 0xA0}, {0x2000, 0x200A}, {0x200C, 0x200D}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}}};

std::string printable_text(std::string_view text) {
    std::string out;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at).value_or(CodePoint{0, 1});
        if (lies_in(parts_of_text, point.value)) {
            out += printable(text.substr(begin, at - begin));
            out += text.substr(at, point.length);
            begin = at + point.length;
        }
        at += point.length;
    }
    return out + printable(text.substr(begin));
}

struct ToPeople {
    Bars bars = Bars::off;
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool value) const { return value ? "yes" : "no"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(ByteCount size) const { return format_size_rounded(size); }
    std::string operator()(Share share) const {
        return bars == Bars::on ? bar(share.percent) : fmt::format("{}", share.percent);
    }
    std::string operator()(const std::string& text) const { return printable_text(text); }
    std::string operator()(const std::vector<std::string>& list) const { return printable_text(join(list, ", ")); }
    std::string operator()(const Cells& cells) const {
        std::vector<std::string> pairs;
        for (const auto& cell : cells) {
            const auto value = std::visit(*this, cell.value);
            if (!value.empty()) pairs.push_back(fmt::format("{} {}", cell.key, value));
        }
        return join(pairs, ", ");
    }
};

std::string shown(const Cell& cell, Bars bars = Bars::off) { return std::visit(ToPeople{bars}, cell.value); }

bool is_number(const Cell& cell) {
    return std::holds_alternative<std::int64_t>(cell.value) || std::holds_alternative<double>(cell.value) ||
           std::holds_alternative<ByteCount>(cell.value) || std::holds_alternative<Share>(cell.value);
}

std::string heading_of(const Cell& cell) {
    if (!cell.heading.empty()) return cell.heading;
    auto heading = cell.key;
    for (auto& c : heading) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
        if (c == '_') c = ' ';
    }
    return heading;
}

std::string bold(std::string_view text, Colour colour) {
    return colour == Colour::on ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

struct Column {
    std::string key, heading;
    bool right = false; // numbers
    std::size_t width = 0;
    std::vector<std::string> texts; // one per row
    bool has_number = false;

    void add(const Cells& row, Bars bars) {
        const auto cell = std::ranges::find(row, key, &Cell::key);
        texts.push_back(cell == row.end() ? std::string{} : shown(*cell, bars));
        width = std::max(width, display_width(texts.back()));
        if (texts.back().empty()) return;
        has_number = has_number || is_number(*cell);
        right = right && is_number(*cell);
    }
};

// A row that is for programs alone has no cell in the table.
bool is_in_table(const Cells& row) { return std::ranges::any_of(row, &Cell::in_table); }

// The columns are those of the first row; another row's cell finds its column by key.
std::vector<Column> columns_of(const Report& report, Bars bars) {
    std::vector<Column> columns;
    for (const auto& cell : report.rows.front())
        if (cell.in_table) columns.push_back({cell.key, heading_of(cell), true, 0, {}});
    for (auto& column : columns) {
        column.width = display_width(column.heading);
        for (const auto& row : report.rows)
            if (is_in_table(row)) column.add(row, bars);
        for (const auto& row : report.totals)
            column.add(row, bars);
        column.right = column.right && column.has_number;
    }
    return columns;
}

void fit(std::vector<Column>& columns, std::size_t width) {
    std::size_t total = gap * (columns.size() - 1);
    for (const auto& column : columns)
        total += column.width;
    if (width == 0 || total <= width) return;
    auto victim = columns.size() - 1;
    while (victim > 0 && columns[victim].right)
        --victim;
    if (victim == 0) return;
    auto& column = columns[victim];
    const auto excess = std::min(total - width, column.width);
    column.width = std::max({column.width - excess, std::min(column.width, least_text), display_width(column.heading)});
    for (auto& text : column.texts)
        text = shortened(text, column.width);
}

// Padded to the column's width; the last column is not padded on its right.
void put_field(std::string& line, const Column& column, std::string_view text, bool is_last) {
    const std::string padding(column.width - display_width(text), ' ');
    if (column.right) line += padding;
    line += text;
    if (!column.right && !is_last) line += padding;
    if (!is_last) line.append(gap, ' ');
}

template <class TextOf>
std::string line_of(const std::vector<Column>& columns, TextOf text_of) {
    std::string line;
    for (const auto& column : columns)
        put_field(line, column, text_of(column), &column == &columns.back());
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

void put_sheet(std::string& out, const Cells& cells, Colour colour, std::size_t indent) {
    std::size_t width = 0;
    for (const auto& cell : cells)
        if (cell.in_table && !std::holds_alternative<Cells>(cell.value)) width = std::max(width, cell.key.size() + 1);
    for (const auto& cell : cells) {
        if (!cell.in_table) continue;
        const auto label = cell.key + ':';
        if (const auto* inner = std::get_if<Cells>(&cell.value)) {
            if (inner->empty()) continue;
            out += std::string(indent, ' ') + bold(label, colour) + '\n';
            put_sheet(out, *inner, colour, indent + gap);
        } else if (const auto value = shown(cell); !value.empty()) {
            const std::string padding(width - label.size() + 1, ' ');
            out += std::string(indent, ' ') + bold(label, colour) + padding + value + '\n';
        }
    }
}

} // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        width += point ? width_of(point->value) : 1;
        at += point ? point->length : 1;
    }
    return width;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0, at = 0;
    while (true) {
        const auto point = code_point_at(text, at).value_or(CodePoint{U'?', 1});
        const auto next = used + width_of(point.value);
        if (next > width - 1) break;
        used = next;
        at += point.length;
    }
    return std::string(text.substr(0, at)).append(ellipsis);
}

std::string render_table(const Report& report, Colour colour, std::size_t width) {
    if (report.rows.empty()) return {};
    auto columns = columns_of(report, width > 0 ? Bars::on : Bars::off);
    if (columns.empty()) return {};
    fit(columns, width);
    auto out =
        bold(line_of(columns, [](const Column& column) -> std::string_view { return column.heading; }), colour) + '\n';
    for (std::size_t row = 0; row < columns.front().texts.size(); ++row)
        out += line_of(columns, [row](const Column& column) -> std::string_view { return column.texts[row]; }) + '\n';
    return out;
}

std::string render_sheet(const Report& report, Colour colour) {
    std::string out;
    for (const auto& row : report.rows) {
        if (!out.empty()) out += '\n';
        put_sheet(out, row, colour, 0);
    }
    return out;
}

} // namespace mailctl
