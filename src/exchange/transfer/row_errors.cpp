// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/row_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

// Messages quote values, and a value may be a megabyte.
std::string shortened(const std::string& message) {
    constexpr std::size_t longest = 300;
    if (message.size() <= longest) return message;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0U) == 0x80U)
        --end;
    return message.substr(0, end) + "...";
}

} // namespace

void RowErrors::add(const RowRef& row, std::size_t cell, std::string_view heading, const Objection& objection) {
    add(row, fmt::format("column {} ({})", cell + 1, heading), objection);
}

void RowErrors::add(const RowRef& row, const Objection& objection) { add(row, std::string(), objection); }

void RowErrors::add(const RowRef& row, std::string place, const Objection& objection) {
    const auto known = std::ranges::find(places_, place);
    const auto index = static_cast<std::uint32_t>(known - places_.begin());
    if (known == places_.end()) places_.push_back(std::move(place));
    if (entries_.empty() || row.number < first_.number) {
        first_ = row;
        remedy_ = objection.remedy;
    }
    entries_.push_back({row, index, shortened(objection.message)});
}

std::vector<const RowErrors::Entry*> RowErrors::sorted() const {
    std::vector<const Entry*> entries;
    for (const auto& entry : entries_)
        entries.push_back(&entry);
    std::ranges::stable_sort(entries, {}, [](const Entry* entry) { return entry->row.number; });
    return entries;
}

std::string RowErrors::told(const Entry& entry) const {
    const auto& place = places_[entry.place];
    return place.empty() ? entry.reason : place + ": " + entry.reason;
}

std::size_t RowErrors::failed_rows() const {
    std::size_t rows = 0;
    for_each_row([&](const RowRef&, const std::string&) { ++rows; });
    return rows;
}

void RowErrors::for_each_row(const std::function<void(const RowRef&, const std::string&)>& use) const {
    const auto entries = sorted();
    std::string reasons;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        reasons += (reasons.empty() ? "" : "; ") + told(*entries[i]);
        if (i + 1 < entries.size() && entries[i + 1]->row.number == entries[i]->row.number) continue;
        use(entries[i]->row, reasons);
        reasons.clear();
    }
}

std::vector<std::string> RowErrors::lines(std::size_t most, const Where& where) const {
    std::vector<std::string> told_lines;
    std::map<std::string_view, std::size_t> others;
    for (const auto* entry : sorted()) {
        const auto& place = places_[entry->place];
        if (told_lines.size() < most)
            told_lines.push_back(fmt::format("{}: {}", where(entry->row), told(*entry)));
        else
            ++others[place.empty() ? std::string_view("the row as a whole") : place];
    }
    for (const auto& [place, count] : others)
        told_lines.push_back(fmt::format("and {} more about {}", count, place));
    return told_lines;
}

Error RowErrors::error(std::size_t most, const Where& where) const {
    std::string what;
    for (const auto& line : lines(most, where))
        what += (what.empty() ? "" : "\n") + line;
    return {ErrorKind::invalid, std::move(what), remedy_, 0};
}

} // namespace mailctl
