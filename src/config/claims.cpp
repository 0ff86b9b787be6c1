// SPDX-License-Identifier: Apache-2.0
// See claims.hpp.
#include "claims.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace mailctl {

// The usual case. Then nobody asks which comes first.
bool Claims::all_differ() const {
    std::unordered_set<std::string_view> names(claims_.size());
    for (const auto& claim : claims_)
        if (claim.name == catchrest_name || !names.insert(claim.name).second) return false;
    return true;
}

void Claims::check(Findings& findings) {
    if (all_differ()) return;
    std::ranges::stable_sort(claims_, {},
                             [](const Claim& claim) { return std::pair(claim.place.line, claim.place.column); });
    std::unordered_map<std::string_view, const Claim*> first;
    for (const auto& claim : claims_) {
        const bool may_catch = !claim.holder.starts_with("robot") && !claim.holder.starts_with("list") &&
                               !claim.holder.starts_with("banished");
        if (claim.name == catchrest_name && !may_catch)
            findings.add(claim.place, claim.key, "'catchrest' is reserved for an alias, a mailbox or a forward",
                         "choose another name");
        const auto [other, is_first] = first.emplace(claim.name, &claim);
        if (is_first) continue;
        findings.add(claim.place, claim.key,
                     fmt::format("the name '{}' is taken by {} (line {})", printable(claim.name), other->second->holder,
                                 other->second->place.line),
                     "use each name once in a domain");
    }
}

} // namespace mailctl
