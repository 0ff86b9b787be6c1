#include "mailctl/exchange/account_merger.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string domain_of(std::string_view address) { return std::string(address.substr(address.rfind('@') + 1)); }

constexpr std::size_t most_notes = 200;

} // namespace

std::vector<std::pair<std::size_t, std::string_view>> content_lines(std::string_view text) {
    std::vector<std::pair<std::size_t, std::string_view>> lines;
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        const auto content = trim(line);
        if (!content.empty() && !content.starts_with('#')) lines.emplace_back(number, content);
    }
    return lines;
}

AccountMerger::Entry& AccountMerger::entry(const std::string& address, TextPlace place) {
    const auto [at, is_new] = entries_.try_emplace(fold(address));
    if (is_new) {
        at->second.place = std::move(place);
        order_.push_back(at->first);
    }
    return at->second;
}

void AccountMerger::add_mailbox(const std::string& address, TextPlace place, Cells cells) {
    auto& known = entry(address, std::move(place));
    known.has_mailbox = true;
    for (auto& cell : cells)
        known.cells.push_back(std::move(cell));
}

void AccountMerger::add_quota(const std::string& address, const TextPlace& place, const std::string& size) {
    quotas_.push_back({fold(address), size, place});
}

void AccountMerger::add_targets(const std::string& address, TextPlace place, const std::vector<std::string>& targets) {
    auto& known = entry(address.starts_with('@') ? std::string(catchrest_name) + address : address, std::move(place));
    for (const auto& target : targets) {
        if (std::ranges::find(known.targets, target) == known.targets.end()) known.targets.push_back(target);
    }
}

void AccountMerger::note(const TextPlace& place, std::string_view what) {
    if (notes_.size() < most_notes) notes_.push_back(fmt::format("{}:{}: {}", place.file, place.line, what));
}

AccountMerger::Cells AccountMerger::cells_of(const std::string& address, const Entry& entry) const {
    Cells cells{{"address", address}};
    std::string others;
    bool stays = entry.targets.empty();
    for (const auto& target : entry.targets) {
        if (equal_folded(target, address))
            stays = true;
        else
            others += (others.empty() ? "" : " ") + target;
    }
    if (entry.has_mailbox) {
        cells.emplace_back("type", "mailbox");
        cells.insert(cells.end(), entry.cells.begin(), entry.cells.end());
        if (!others.empty()) cells.emplace_back("forward", others);
        if (!stays) cells.emplace_back("store", "false");
        return cells;
    }
    const auto target = entry.targets.size() == 1 ? entries_.find(fold(entry.targets.front())) : entries_.end();
    const bool is_alias =
        target != entries_.end() && target->second.has_mailbox && domain_of(target->first) == domain_of(address);
    cells.emplace_back("type", is_alias ? "alias" : "forward");
    cells.emplace_back("to", others);
    return cells;
}

ForeignAccounts AccountMerger::finish(std::string name) {
    for (const auto& [address, size, place] : quotas_) {
        const auto found = entries_.find(address);
        if (found == entries_.end() || !found->second.has_mailbox)
            note(place, fmt::format("a quota of '{}', which has no mailbox", printable(address)));
        else
            found->second.cells.emplace_back("quota", size);
    }
    const std::vector<std::string> headings{"address", "type",    "name",          "password",        "password_hash",
                                            "quota",   "forward", "store",         "recovery",        "to",
                                            "node",    "aliases", "suspend_login", "suspend_receive", "suspend_reason"};
    ForeignAccounts made{{std::move(name), {}, {}}, std::move(notes_)};
    append_csv_row(made.text.text, headings);
    for (const auto& address : order_) {
        const auto& known = entries_.at(address);
        std::vector<std::string> row(headings.size());
        for (auto& [heading, value] : cells_of(address, known)) {
            const auto at = std::ranges::find(headings, heading) - headings.begin();
            row[static_cast<std::size_t>(at)] = native_cell(std::move(value), find_column(heading));
        }
        append_csv_row(made.text.text, row);
        made.text.places.push_back(known.place);
    }
    return made;
}

} // namespace mailctl
