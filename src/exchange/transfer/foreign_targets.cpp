// SPDX-License-Identifier: Apache-2.0
#include "foreign_targets.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/transfer/account_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// What stands in no address: a program, a file, a list in a file, an order of cPanel's Exim.
std::optional<Objection> object_to_order(std::string_view target) {
    const auto bare = target.substr(target.starts_with('"') ? 1 : 0);
    if (bare.starts_with('|'))
        return Objection{fmt::format("'{}' calls a program", printable(target)),
                         "mail is handed to no program here: leave that target out"};
    if (bare == "/dev/null" || equal_folded(bare, ":blackhole:"))
        return Objection{fmt::format("'{}' throws mail away", printable(target)),
                         "leave the row out, and give 'mailctl banished add ADDRESS --answer discard'"};
    if (equal_folded(bare.substr(0, 6), ":fail:"))
        return Objection{fmt::format("'{}' refuses mail", printable(target)),
                         "leave the row out, and give 'mailctl banished add ADDRESS --answer reject'"};
    if (bare.starts_with('/'))
        return Objection{fmt::format("'{}' is a file", printable(target)),
                         "mail is written to no file here: leave that target out"};
    if (bare.starts_with(':') || cell_elements(target).size() != 1) // it would become several in a cell
        return Objection{fmt::format("'{}' is not an address", printable(target)),
                         "write the addresses that it stands for"};
    return std::nullopt;
}

std::optional<Objection> object_to_bare_name(std::string_view target) {
    if (target.contains('@')) return std::nullopt;
    return Objection{fmt::format("the target '{}' has no domain", printable(target)), "write the whole address"};
}

// "@domain" keeps the local part; for "@other" it makes the one domain another name of the other.
void take_whole_domain(std::string_view address, std::string_view target, bool is_alone, ForeignTargets& sorted) {
    const auto at = address.rfind('@');
    if (!is_alone || at == address.npos)
        sorted.problem = Objection{fmt::format("'{}' means a whole domain", printable(target)),
                                   "write the whole address, or leave it out"};
    else if (at == 0)
        sorted.left_out = fmt::format("'{0}' for '{1}' is another name of a whole domain and left out: "
                                      "mailctl domain alias-add {2} {3}",
                                      printable(target), printable(address), printable(target.substr(1)),
                                      printable(address.substr(1)));
    else
        sorted.others.push_back(std::string(address.substr(0, at)) + std::string(target));
}

} // namespace

ForeignTargets sort_targets(std::string_view address, std::span<const std::string_view> targets, BareNames bare) {
    ForeignTargets sorted;
    for (const auto target : targets) {
        if (auto objection = object_to_order(target)) {
            sorted.problem = std::move(objection);
        } else if (target.starts_with('@')) {
            take_whole_domain(address, target, targets.size() == 1, sorted);
        } else if (equal_folded(target, address)) {
            sorted.stays = true;
        } else if (auto nameless = bare == BareNames::refused ? object_to_bare_name(target) : std::nullopt) {
            sorted.problem = std::move(nameless);
        } else if (std::ranges::find(sorted.others, target) == sorted.others.end()) {
            sorted.others.emplace_back(target);
        }
    }
    return sorted;
}

} // namespace mailctl
