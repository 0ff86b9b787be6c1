// SPDX-License-Identifier: Apache-2.0
#include "shown_cell.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::int64_t bar_length = 10;

// "███████░░░  72"
std::string bar(std::int64_t percent) {
    const auto full = std::clamp((percent * bar_length + 50) / 100, std::int64_t{0}, bar_length);
    std::string drawn;
    for (std::int64_t i = 0; i < bar_length; ++i)
        drawn += i < full ? "█" : "░";
    return fmt::format("{} {:>3}", drawn, percent);
}

// Blanks of other widths and joiners belong to many a name and subject; in messages about single words they are shown.
bool is_part_of_text(char32_t point) {
    constexpr std::array<std::pair<char32_t, char32_t>, 6> ranges{
        {{0xA0, 0xA0}, {0x2000, 0x200A}, {0x200C, 0x200D}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}}};
    return std::ranges::any_of(ranges, [&](auto range) { return range.first <= point && point <= range.second; });
}

std::string printable_text(std::string_view text) {
    std::string out;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at).value_or(CodePoint{0, 1});
        if (is_part_of_text(point.value)) {
            out += printable(text.substr(begin, at - begin));
            out += text.substr(at, point.length);
            begin = at + point.length;
        }
        at += point.length;
    }
    return out + printable(text.substr(begin));
}

struct ToPeople {
    const OffsetOfZone& zone;
    Bars bars = Bars::off;
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool value) const { return value ? "yes" : "no"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(ByteCount size) const { return format_size_rounded(size); }
    std::string operator()(Share share) const {
        return bars == Bars::on ? bar(share.percent) : fmt::format("{}", share.percent);
    }
    std::string operator()(Instant instant) const {
        return format_minute(instant, zone ? zone(instant) : std::chrono::seconds{0});
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

std::string printable_line(std::string_view line) {
    constexpr std::string_view tab = "    ";
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::string out;
    for (const auto part : split(line, '\t')) {
        if (part.data() != line.data()) out += tab;
        out += printable_text(part);
    }
    return out;
}

} // namespace

std::string shown_cell(const Cell& cell, const OffsetOfZone& zone, Bars bars) {
    return std::visit(ToPeople{zone, bars}, cell.value);
}

std::vector<std::string> block_of(const Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell.value);
    if (!text || !text->contains('\n')) return {};
    const auto lines = split(std::string_view(*text).substr(0, text->size() - (text->ends_with('\n') ? 1 : 0)), '\n');
    std::vector<std::string> block;
    for (const auto line : lines)
        block.push_back(printable_line(line));
    return block;
}

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

} // namespace mailctl
