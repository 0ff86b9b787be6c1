// Subjects: one name, the domain it belongs to, and its keys.
#include "dns_subjects.hpp"

#include "mailctl/os/digest.hpp"

namespace mailctl {

std::string policy_id(const Site& site) {
    constexpr std::size_t longest_id = 32; // RFC 8461 3.1
    if (site.dns.mta_sts.mode == MtaStsMode::off) return {};
    return digest(mta_sts_policy(site)).substr(0, longest_id);
}

Result<std::vector<DnsSubject>> dns_subjects(const SiteView& view, const Domain& domain) {
    std::vector<DnsSubject> subjects;
    for (const auto& name : names_of_domain(view.site(), domain))
        subjects.push_back({&domain, name, {}, policy_id(view.site())});
    return subjects;
}

Result<std::vector<DnsSubject>> dns_subjects_for(const SiteView& view, const Domain& domain, const DomainName& name) {
    TRY_ASSIGN(auto subjects, dns_subjects(view, domain));
    if (name != domain.name) std::erase_if(subjects, [&](const auto& subject) { return subject.name != name; });
    return subjects;
}

} // namespace mailctl
