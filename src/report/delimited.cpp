// SPDX-License-Identifier: Apache-2.0
// One line per row for scripts and spreadsheets: how a value becomes a field, and what must be escaped in it.
#include "delimited.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

struct ToField {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(Share share) const { return fmt::format("{}", share.percent); }
    std::string operator()(ByteCount size) const { return fmt::format("{}", size.bytes); }
    std::string operator()(Instant instant) const { return format_rfc3339_seconds(instant); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& list) const { return join(list, " "); }
    std::string operator()(const Cells& cells) const {
        std::vector<std::string> pairs;
        for (const auto& cell : cells)
            pairs.push_back(fmt::format("{}={}", cell.key, std::visit(*this, cell.value)));
        return join(pairs, " ");
    }
};

std::string field_of(const Cell& cell) { return std::visit(ToField{}, cell.value); }

std::string escaped(std::string_view field) {
    std::string out;
    for (const char c : field) {
        switch (c) {
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\\':
            out += "\\\\";
            break;
        default:
            out += c;
        }
    }
    return out;
}

bool runs_as_formula(std::string_view field) {
    const auto first = field.find_first_not_of('\'');
    return first != std::string_view::npos && std::string_view("=+-@\t\r").find(field[first]) != std::string_view::npos;
}

std::string quoted_field(std::string_view field) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
    std::string out = "\"";
    for (const char c : field) {
        if (c == '"') out += '"';
        out += c;
    }
    return out += '"';
}

std::string csv_field(const Cell& cell) {
    const bool is_number =
        std::holds_alternative<std::int64_t>(cell.value) || std::holds_alternative<double>(cell.value);
    auto field = field_of(cell);
    if (!is_number && runs_as_formula(field)) field.insert(0, 1, '\'');
    return quoted_field(field);
}

// One line made of what `text_of` says about each cell that scripts see.
template <class TextOf>
std::string line_of(const Cells& cells, char separator, TextOf text_of) {
    std::string line;
    bool first = true;
    for (const auto& cell : cells) {
        if (!cell.in_plain) continue;
        if (!first) line += separator;
        first = false;
        line += text_of(cell);
    }
    return line += '\n';
}

// A row that is for JSON alone has no line.
bool has_line(const Cells& row) { return std::ranges::any_of(row, &Cell::in_plain); }

} // namespace

std::string render_plain(const Report& report) {
    std::string out;
    for (const auto& row : report.rows)
        if (has_line(row)) out += line_of(row, '\t', [](const Cell& cell) { return escaped(field_of(cell)); });
    return out;
}

std::string render_csv(const Report& report) {
    if (report.rows.empty() || !has_line(report.rows.front())) return {};
    auto out = line_of(report.rows.front(), ',', [](const Cell& cell) { return quoted_field(cell.key); });
    for (const auto& row : report.rows)
        if (has_line(row)) out += line_of(row, ',', csv_field);
    return out;
}

} // namespace mailctl
