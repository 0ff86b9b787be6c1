// SPDX-License-Identifier: Apache-2.0
// A Lookup over two: changed domains first, the compiled state for the rest.
#include "mailctl/routing/changed_site.hpp"

namespace mailctl {

namespace {

std::vector<const Domain*> those_there(const ChangedDomains& changed) {
    std::vector<const Domain*> domains;
    for (const auto& [unused, domain] : changed)
        if (domain) domains.push_back(&*domain);
    return domains;
}

} // namespace

ChangedSite::ChangedSite(const Site& site, const Lookup& before, const ChangedDomains& changed)
    : before_(before), domains_(changed), changed_(site, those_there(changed)) {
    for (const auto& [name, domain] : changed) {
        if (!domain) continue;
        claims_[name].insert(name);
        for (const auto& alias : domain->aliases)
            claims_[alias].insert(name);
        if (site.alternate_suffix) claims_[alternate_name(name, *site.alternate_suffix)].insert(name);
    }
}

namespace {

template <class Entries>
void add_differing(const Entries& before, const Entries& after, std::set<std::string, std::less<>>& names) {
    for (const auto& [name, entry] : before)
        if (const auto found = after.find(name); found == after.end() || found->second != entry) names.insert(name);
    for (const auto& [name, unused] : after)
        if (!before.contains(name)) names.insert(name);
}

} // namespace

void ChangedSite::set_part(const Domain& part_before) {
    const auto& after = domains_.at(part_before.name).value();
    auto& names = parts_[part_before.name];
    add_differing(name_entries(part_before), name_entries(after), names);
    add_differing(responder_entries(part_before), responder_entries(after), names);
}

bool ChangedSite::answers_for(const DomainName& real, std::string_view local_key) const {
    if (!is_touched(real)) return false;
    const auto part = parts_.find(real);
    return part == parts_.end() || part->second.contains(local_key);
}

bool ChangedSite::is_touched(const DomainName& real) const { return domains_.contains(real); }

Result<std::optional<DomainEntry>> ChangedSite::find_domain(const DomainName& name) const {
    TRY_ASSIGN(auto ours, changed_.find_domain(name));
    if (ours && ours->relation == DomainRelation::itself) return ours;
    TRY_ASSIGN(auto theirs, before_.find_domain(name));
    if (!theirs || is_touched(theirs->name)) return ours;
    const auto rank = [](const DomainEntry& entry) { return std::pair(entry.relation, entry.name); };
    return !ours || rank(*theirs) < rank(*ours) ? theirs : ours;
}

Result<std::optional<NameEntry>> ChangedSite::find_name(const DomainName& domain, std::string_view local_key) const {
    return answers_for(domain, local_key) ? changed_.find_name(domain, local_key)
                                          : before_.find_name(domain, local_key);
}

Result<std::optional<BanAnswer>> ChangedSite::find_banished(const DomainName& domain,
                                                            std::string_view local_key) const {
    return is_touched(domain) ? changed_.find_banished(domain, local_key) : before_.find_banished(domain, local_key);
}

Result<std::optional<ResponderEntry>> ChangedSite::find_responder(const DomainName& domain,
                                                                  std::string_view local_key) const {
    return answers_for(domain, local_key) ? changed_.find_responder(domain, local_key)
                                          : before_.find_responder(domain, local_key);
}

Result<std::set<DomainName>> ChangedSite::claimants(const DomainName& name) const {
    const auto found = claims_.find(name);
    auto all = found == claims_.end() ? std::set<DomainName>() : found->second;
    TRY_ASSIGN(const auto theirs, before_.find_domain(name));
    if (theirs && !is_touched(theirs->name)) all.insert(theirs->name);
    return all;
}

ChangedLinks::ChangedLinks(const Site& site, const LinkedLookup& before, const ChangedDomains& changed)
    : before_(before), domains_(changed), alternate_suffix_(site.alternate_suffix), site_(site, before, changed) {}

Result<std::optional<DomainEntry>> ChangedLinks::find_domain(const DomainName& name) const {
    return site_.find_domain(name);
}
Result<std::optional<NameEntry>> ChangedLinks::find_name(const DomainName& domain, std::string_view local_key) const {
    return site_.find_name(domain, local_key);
}
Result<std::optional<BanAnswer>> ChangedLinks::find_banished(const DomainName& domain,
                                                             std::string_view local_key) const {
    return site_.find_banished(domain, local_key);
}
Result<std::optional<ResponderEntry>> ChangedLinks::find_responder(const DomainName& domain,
                                                                   std::string_view local_key) const {
    return site_.find_responder(domain, local_key);
}

Result<std::vector<DomainName>> ChangedLinks::claimed_names(const DomainName& real) const {
    const auto changed = domains_.find(real);
    if (changed == domains_.end()) return before_.claimed_names(real);
    if (!changed->second) return std::vector<DomainName>();
    std::vector<DomainName> names{real};
    names.insert(names.end(), changed->second->aliases.begin(), changed->second->aliases.end());
    if (alternate_suffix_) names.push_back(alternate_name(real, *alternate_suffix_));
    return names;
}

Result<LinkedLookup::Mentions> ChangedLinks::find_mentions(const DomainName& asked) const {
    TRY_ASSIGN(auto mentions, before_.find_mentions(asked));
    for (const auto& [name, domain] : domains_) {
        mentions.erase(name);
        if (!domain) continue;
        auto all = mentions_of(*domain);
        if (const auto found = all.find(asked); found != all.end()) mentions.emplace(name, std::move(found->second));
    }
    return mentions;
}

} // namespace mailctl
