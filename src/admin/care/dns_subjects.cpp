// SPDX-License-Identifier: Apache-2.0
// Subjects: one name, the domain it belongs to, and its keys.
#include "dns_subjects.hpp"

#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/site/dkim_keys.hpp"

namespace mailctl {

std::string policy_id(const Site& site) {
    constexpr std::size_t longest_id = 32; // RFC 8461 3.1
    if (site.dns.mta_sts.mode == MtaStsMode::off) return {};
    return digest(mta_sts_policy(site)).substr(0, longest_id);
}

std::vector<DkimWanted> wanted_keys(std::span<const DkimSelector> selectors) {
    std::vector<DkimWanted> wanted;
    for (const auto& selector : selectors)
        if (selector.state != SelectorState::gone)
            wanted.push_back({selector.name, dkim_record_text(selector), selector.state == SelectorState::active});
    return wanted;
}

Result<std::vector<DnsSubject>> dns_subjects(const SiteView& view, const Domain& domain) {
    std::vector<DnsSubject> subjects;
    TRY_ASSIGN(const auto selectors, find_selectors(view.paths(), view.site(), domain.name));
    const auto keys = wanted_keys(selectors);
    for (const auto& name : names_of_domain(view.site(), domain))
        subjects.push_back({&domain, name, keys, policy_id(view.site())});
    return subjects;
}

Result<std::vector<DnsSubject>> dns_subjects_for(const SiteView& view, const Domain& domain, const DomainName& name) {
    TRY_ASSIGN(auto subjects, dns_subjects(view, domain));
    if (name != domain.name) std::erase_if(subjects, [&](const auto& subject) { return subject.name != name; });
    return subjects;
}

} // namespace mailctl
