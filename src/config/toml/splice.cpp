// SPDX-License-Identifier: Apache-2.0
// See splice.hpp. Positions come from the layout scanner, which steps over strings and comments.
#include "splice.hpp"

#include "layout.hpp"

#include <fmt/format.h>

namespace mailctl {
std::string with_entry(std::string_view table, std::string_view entry) {
    const auto entries = scan_entries(table, {0, table.size()});
    std::string text(table);
    if (entries.empty()) return text.insert(1, fmt::format(" {}{}", entry, table.size() == 2 ? " " : ""));
    return text.insert(entries.back().whole.end, fmt::format(", {}", entry));
}

std::string without_entry(std::string_view table, std::size_t index) {
    const auto entries = scan_entries(table, {0, table.size()});
    if (entries.size() == 1) return "{}";
    const bool is_last = index + 1 == entries.size();
    const auto begin = is_last ? entries[index - 1].whole.end : entries[index].whole.begin;
    const auto end = is_last ? entries[index].whole.end : entries[index + 1].whole.begin;
    std::string text(table);
    return text.erase(begin, end - begin);
}

} // namespace mailctl
