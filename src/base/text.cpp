// SPDX-License-Identifier: Apache-2.0
// Text as bytes: trimming, folding, splitting, UTF-8, glob patterns, near misses. Knows no locale.
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace mailctl {
namespace {

constexpr std::string_view blanks = " \t\r\n";

constexpr char fold_byte(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Nothing is drawn for these, or a blank that is not one: whoever reads "'x' is not a name" must see why.
struct Unseen {
    char32_t first, last;
};
constexpr std::array<Unseen, 18> unseen{{{0xA0, 0xA0},
                                         {0xAD, 0xAD},
                                         {0x34F, 0x34F},
                                         {0x61C, 0x61C},
                                         {0x115F, 0x1160},
                                         {0x1680, 0x1680},
                                         {0x17B4, 0x17B5},
                                         {0x180B, 0x180E},
                                         {0x2000, 0x200F},
                                         {0x202F, 0x202F},
                                         {0x205F, 0x2064},
                                         {0x206A, 0x206F},
                                         {0x2800, 0x2800},
                                         {0x3000, 0x3000},
                                         {0x3164, 0x3164},
                                         {0xFEFF, 0xFEFF},
                                         {0xFFF9, 0xFFFB},
                                         {0xE0000, 0xE007F}}};

bool is_unseen(char32_t point) {
    return point >= 0xA0 &&
           std::ranges::any_of(unseen, [=](const Unseen& each) { return each.first <= point && point <= each.last; });
}

// What a lead byte promises, and the range its second byte must keep to exclude overlong forms and surrogates.
struct Lead {
    std::size_t length; // 0: not a lead byte
    std::uint8_t low, high;
};

constexpr Lead lead_of(std::uint8_t byte) {
    if (byte < 0x80) return {1, 0, 0};
    if (byte < 0xC2) return {0, 0, 0};
    if (byte < 0xE0) return {2, 0x80, 0xBF};
    if (byte < 0xF0)
        return {3, byte == 0xE0 ? std::uint8_t{0xA0} : std::uint8_t{0x80},
                byte == 0xED ? std::uint8_t{0x9F} : std::uint8_t{0xBF}};
    if (byte < 0xF5)
        return {4, byte == 0xF0 ? std::uint8_t{0x90} : std::uint8_t{0x80},
                byte == 0xF4 ? std::uint8_t{0x8F} : std::uint8_t{0xBF}};
    return {0, 0, 0};
}

// C0, DEL and C1 move cursors; U+2028/2029 break lines; the bidirectional controls reorder what stands around them.
bool disturbs_a_line(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || is_unseen(point);
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

} // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string fold(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), fold_byte);
    return folded;
}

bool equal_folded(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, fold_byte, fold_byte); }

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto at = text.find(separator);
        fields.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return fields;
        text.remove_prefix(at + 1);
    }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::optional<CodePoint> code_point_at(std::string_view text, std::size_t at) {
    const auto lead = lead_of(byte_at(text, at));
    if (lead.length == 0 || at + lead.length > text.size()) return std::nullopt;
    if (lead.length == 1) return CodePoint{byte_at(text, at), 1};
    if (byte_at(text, at + 1) < lead.low || byte_at(text, at + 1) > lead.high) return std::nullopt;
    auto value = static_cast<char32_t>(byte_at(text, at) & (0x7FU >> lead.length));
    for (std::size_t i = 1; i < lead.length; ++i) {
        const auto byte = byte_at(text, at + i);
        if ((byte & 0xC0U) != 0x80U) return std::nullopt;
        value = (value << 6U) | (byte & 0x3FU);
    }
    return CodePoint{value, lead.length};
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (byte_at(text, at) < 0x80) {
            ++at;
            continue;
        }
        const auto point = code_point_at(text, at);
        if (!point) return false;
        at += point->length;
    }
    return true;
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const auto point = code_point_at(text, at);
        at += point ? point->length : 1;
    }
    return count;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
    constexpr auto none = std::string_view::npos;
    std::size_t p = 0, t = 0, star = none, resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || fold_byte(pattern[p]) == fold_byte(text[t]))) {
            ++p;
            ++t;
        } else if (star != none) { // let the last star take one byte more; earlier stars never need to
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == none;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        const std::size_t length = point ? point->length : 1;
        if (point && !disturbs_a_line(point->value)) {
            out.append(text, at, length);
        } else {
            for (std::size_t i = 0; i < length; ++i)
                fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte_at(text, at + i));
        }
        at += length;
    }
    return out;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    const std::string* best = nullptr;
    std::size_t best_distance = 3;
    for (const auto& candidate : candidates) {
        const auto longer = std::max(word.size(), candidate.size()), shorter = std::min(word.size(), candidate.size());
        if (longer - shorter >= best_distance) continue;
        const auto distance = edit_distance(word, candidate);
        if (distance >= best_distance || distance * 2 >= word.size()) continue;
        best_distance = distance;
        best = &candidate;
    }
    if (best == nullptr) return std::nullopt;
    return *best;
}

std::string how_many(std::uint64_t count, std::string_view one) {
    const bool hisses = one.ends_with('x') || one.ends_with('s') || one.ends_with("ch");
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : hisses ? "es" : "s");
}

std::string cut_text(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    std::size_t end = most - std::min<std::size_t>(most, 3);
    for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U; ++back)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

} // namespace mailctl
