#include "mailctl/exchange/row_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

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

void RowErrors::add(const RowRef& row, std::string where, std::size_t cell, std::string_view heading,
                    const Objection& objection) {
    RowError error{row, {}, shortened(objection.message)};
    if (!heading.empty()) error.place = fmt::format("column {} ({})", cell + 1, heading);
    errors_.push_back({std::move(error), std::move(where), {}});
    if (errors_.size() <= most_errors_told) errors_.back().remedy = objection.remedy;
}

std::vector<const RowErrors::Entry*> RowErrors::sorted() const {
    std::vector<const Entry*> entries;
    for (const auto& entry : errors_)
        entries.push_back(&entry);
    std::ranges::stable_sort(entries, {}, [](const Entry* entry) { return entry->error.row.number; });
    return entries;
}

std::size_t RowErrors::failed_rows() const {
    const auto entries = sorted();
    std::size_t rows = 0;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (i == 0 || entries[i]->error.row.number != entries[i - 1]->error.row.number) ++rows;
    return rows;
}

std::vector<RowError> RowErrors::by_row() const {
    std::vector<RowError> rows;
    for (const auto* entry : sorted()) {
        const auto& error = entry->error;
        const auto reason = error.place.empty() ? error.reason : error.place + ": " + error.reason;
        if (!rows.empty() && rows.back().row.number == error.row.number)
            rows.back().reason += "; " + reason;
        else
            rows.push_back({error.row, {}, reason});
    }
    return rows;
}

std::vector<std::string> RowErrors::lines(std::size_t most) const {
    std::vector<std::string> told;
    std::map<std::string, std::size_t> others;
    for (const auto* entry : sorted()) {
        const auto& place = entry->error.place;
        const auto& reason = entry->error.reason;
        if (told.size() < most)
            told.push_back(fmt::format("{}: {}{}{}", entry->where, place, place.empty() ? "" : ": ", reason));
        else
            ++others[place.empty() ? "the row as a whole" : place];
    }
    for (const auto& [place, count] : others)
        told.push_back(fmt::format("and {} more about {}", count, place));
    return told;
}

Error RowErrors::error(std::size_t most) const {
    std::string what;
    for (const auto& line : lines(most))
        what += (what.empty() ? "" : "\n") + line;
    const auto entries = sorted();
    return {ErrorKind::invalid, std::move(what), entries.empty() ? "" : entries.front()->remedy, 0};
}

} // namespace mailctl
