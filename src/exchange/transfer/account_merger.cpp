// SPDX-License-Identifier: Apache-2.0
#include "account_merger.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/transfer/hash_notation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string domain_of(std::string_view address) { return fold(address.substr(address.rfind('@') + 1)); }

std::string told(const TextPlace& place) {
    return place.line == 0 ? place.file : fmt::format("{}:{}", place.file, place.line);
}

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

Objection doubtful_password() {
    return {"what stands for the password is not a hash that is known here",
            "write it with its scheme, as {CRYPT}..., or {PLAIN} and the password itself"};
}

std::optional<AccountMerger::Cells> password_cells(std::string_view text) {
    auto password = read_stored_password(text, PasswordField::hashes);
    switch (password.kind) {
    case StoredPassword::Kind::none:
        return AccountMerger::Cells{};
    case StoredPassword::Kind::plain:
        return AccountMerger::Cells{{"password", std::move(password.text)}};
    case StoredPassword::Kind::hash:
        return AccountMerger::Cells{{"password_hash", std::move(password.text)}};
    case StoredPassword::Kind::doubtful:
        break;
    }
    return std::nullopt;
}

AccountMerger::Entry& AccountMerger::entry(const std::string& address, const TextPlace& place) {
    const auto [at, is_new] = entries_.try_emplace(fold(address), Entry{address});
    if (is_new) order_.push_back(at->first);
    at->second.places.push_back(place);
    return at->second;
}

AccountMerger::Entry& AccountMerger::further_entry(const std::string& address, const TextPlace& place) {
    auto key = fmt::format("\n{}", order_.size());
    auto& made = entries_.emplace(key, Entry{address, {place}}).first->second;
    order_.push_back(std::move(key));
    return made;
}

void AccountMerger::add_mailbox(const std::string& address, const TextPlace& place, Cells cells) {
    const auto known = entries_.find(fold(address));
    const bool is_second = known != entries_.end() && known->second.has_mailbox;
    auto& added = is_second ? further_entry(address, place) : entry(address, place);
    added.has_mailbox = true;
    added.cells = std::move(cells);
    if (is_second)
        added.problems.push_back(
            {place,
             {fmt::format("'{}' stands in {} already", printable(address), told(known->second.places.front())),
              "leave out one of the two rows"}});
}

void AccountMerger::add_quota(const std::string& address, const TextPlace& place, const std::string& size) {
    quotas_.push_back({fold(address), size, place});
}

void AccountMerger::add_targets(const std::string& address, const TextPlace& place,
                                std::span<const std::string_view> targets, BareNames bare) {
    auto sorted = sort_targets(address, targets, bare);
    if (!sorted.left_out.empty()) return note(place, sorted.left_out);
    const auto name = address.starts_with('@') ? std::string(catchrest_name) + address : address;
    const auto known = entries_.find(fold(name));
    const bool is_second = known != entries_.end() && known->second.has_targets;
    auto& added = is_second ? further_entry(name, place) : entry(name, place);
    added.has_targets = true;
    added.stays = sorted.stays;
    added.targets = std::move(sorted.others);
    if (sorted.problem) added.problems.push_back({place, *sorted.problem});
    if (is_second)
        added.problems.push_back({place,
                                  {fmt::format("the targets of '{}' stand in {} already", printable(address),
                                               told(known->second.places.back())),
                                   "write all targets into one line"}});
}

void AccountMerger::refuse(const std::string& address, const TextPlace& place, const Objection& objection) {
    entry(address, place).problems.push_back({place, objection});
}

void AccountMerger::refuse_line(std::string_view line, const TextPlace& place, const Objection& objection) {
    further_entry(std::string(trim(line)), place).problems.push_back({place, objection});
}

void AccountMerger::note(const TextPlace& place, std::string_view what) {
    notes_.push_back({told(place), std::string(what)});
}

// With one target that is a mailbox of the same domain.
bool AccountMerger::is_alias(const Entry& entry) const {
    if (entry.targets.size() != 1 || entry.stays) return false;
    const auto target = entries_.find(fold(entry.targets.front()));
    return target != entries_.end() && target->second.has_mailbox &&
           domain_of(target->first) == domain_of(entry.address);
}

AccountMerger::Cells AccountMerger::cells_of(const Entry& entry) const {
    Cells cells{{"address", entry.address}};
    const auto others = join(entry.targets, " ");
    if (entry.has_mailbox || entry.stays) { // its own mailbox may be on the site already
        cells.emplace_back("type", "mailbox");
        cells.insert(cells.end(), entry.cells.begin(), entry.cells.end());
        if (!others.empty()) cells.emplace_back("forward", others);
        if (entry.has_targets && !entry.stays) cells.emplace_back("store", "false");
    } else if (entry.has_targets) {
        cells.emplace_back("type", is_alias(entry) ? "alias" : "forward");
        cells.emplace_back("to", others);
    }
    return cells;
}

RowOrigin AccountMerger::origin_of(const Entry& entry) {
    RowOrigin origin{entry.places.front().file, entry.places.front().line};
    for (const auto& place : std::span(entry.places).subspan(1))
        origin.further += ", " + told(place);
    origin.on_mailbox = OnMailbox::replaced;
    if (entry.problems.empty()) return origin;
    const auto& first = entry.problems.front();
    origin = {first.place.file, first.place.line, {}, first.objection};
    for (const auto& problem : std::span(entry.problems).subspan(1))
        origin.problem->message += fmt::format("; {}: {}", told(problem.place), problem.objection.message);
    return origin;
}

void AccountMerger::settle_quotas() {
    for (const auto& [address, size, place] : quotas_) {
        const auto found = entries_.find(address);
        if (found == entries_.end() || !found->second.has_mailbox)
            note(place, fmt::format("a quota of '{}', which has no mailbox here, is left out", printable(address)));
        else
            found->second.cells.emplace_back("quota", size);
    }
}

ForeignAccounts AccountMerger::finish(std::string name) {
    settle_quotas();
    const std::vector<std::string> headings{"address", "type",    "name",          "password",        "password_hash",
                                            "quota",   "forward", "store",         "recovery",        "to",
                                            "node",    "aliases", "suspend_login", "suspend_receive", "suspend_reason"};
    ForeignAccounts made{{std::move(name), {}, {}}, std::move(notes_)};
    append_csv_row(made.text.text, headings);
    for (const auto& key : order_) {
        const auto& known = entries_.at(key);
        const bool says_nothing = !known.has_mailbox && known.stays && known.targets.empty();
        if (says_nothing && known.problems.empty()) {
            made.notes.push_back(
                {told(known.places.front()),
                 fmt::format("'{}' leads to itself alone: nothing to import", printable(known.address))});
            continue;
        }
        std::vector<std::string> row(headings.size());
        for (auto& [heading, value] : cells_of(known)) {
            const auto at = std::ranges::find(headings, heading) - headings.begin();
            row[static_cast<std::size_t>(at)] = native_cell(std::move(value), find_column(heading));
        }
        append_csv_row(made.text.text, row);
        made.text.places.push_back(origin_of(known));
    }
    return made;
}

} // namespace mailctl
