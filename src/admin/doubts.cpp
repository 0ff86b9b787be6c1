// SPDX-License-Identifier: Apache-2.0
// Each domain is looked at beside all others, one at a time.
#include "doubts.hpp"

#include "mailctl/change/banished_accounts.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/routing/validate.hpp"

namespace mailctl {

Result<std::vector<std::string>> find_doubts(const World& world, const SiteView& view) {
    std::vector<std::string> doubts;
    TRY_ASSIGN(const auto* applied, view.applied());
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    const ChangedDomains none;
    const ChangedSite site(view.site(), *applied, none);
    const Date today = day_in_zone(world.clock(), view.site().time_zone);
    for (const auto& name : names) {
        TRY_ASSIGN(const auto domain, view.find_applied_domain(name));
        if (!domain) continue;
        TRY_ASSIGN(const auto findings, validate(view.site(), site, *domain, today));
        for (const auto& finding : findings)
            doubts.push_back(format_finding(finding));
        for (auto& sentence : newly_banished(nullptr, *domain))
            doubts.push_back(std::move(sentence));
    }
    return doubts;
}

} // namespace mailctl
