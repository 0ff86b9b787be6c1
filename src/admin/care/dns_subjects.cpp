// SPDX-License-Identifier: Apache-2.0
// Subjects: one name, the domain it belongs to, and its keys.
#include "dns_subjects.hpp"

#include "mailctl/exchange/dkim_record.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/signing_keys.hpp"
#include "mailctl/site/dkim_keys.hpp"

#include <fmt/format.h>

#include <map>

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

namespace {

std::vector<std::string> gone_selectors(std::span<const DkimSelector> selectors) {
    std::vector<std::string> names;
    for (const auto& selector : selectors)
        if (selector.state == SelectorState::gone) names.push_back(selector.name);
    return names;
}

} // namespace

Result<std::vector<DnsSubject>> dns_subjects(const SiteView& view, const Domain& domain) {
    std::vector<DnsSubject> subjects;
    TRY_ASSIGN(const auto selectors, find_selectors(view.paths(), view.site(), domain.name));
    const auto keys = wanted_keys(selectors);
    for (const auto& name : names_of_domain(view.site(), domain))
        subjects.push_back({&domain, name, keys, policy_id(view.site()), gone_selectors(selectors)});
    return subjects;
}

namespace {

// Of one that is revoked or to come nobody needs the private key.
std::string find_key_trouble(const std::string& path, const DkimWanted& key) {
    if (!key.active) return {};
    const auto pem = find_file(path);
    if (!pem) return {}; // it is there, and not for us to read
    if (!*pem) return fmt::format("mail is to be signed with '{}', and it is not there", path);
    const auto own = read_signing_key(**pem);
    if (!own) return fmt::format("'{}': {}", path, own.error().what);
    const auto record = parse_dkim_record(key.value);
    if (record && record->public_key == own->public_key) return {};
    return fmt::format("'{}' holds another key: its signatures do not agree with the record", path);
}

} // namespace

void look_at_private_keys(const SiteView& view, const Domain& domain, std::vector<DnsSubject>& subjects) {
    const auto directory = dkim_directory_of(view.paths(), view.site(), domain.name);
    std::map<std::string, std::string> troubles; // of each selector, which all names of the domain share
    for (auto& subject : subjects)
        for (auto& key : subject.dkim) {
            const auto [known, is_new] = troubles.try_emplace(key.selector);
            if (is_new)
                known->second = find_key_trouble(fmt::format("{}/{}", directory, key_file_name(key.selector)), key);
            key.key_trouble = known->second;
        }
}

Result<std::vector<DnsSubject>> dns_subjects_for(const SiteView& view, const Domain& domain, const DomainName& name) {
    TRY_ASSIGN(auto subjects, dns_subjects(view, domain));
    if (name != domain.name) std::erase_if(subjects, [&](const auto& subject) { return subject.name != name; });
    return subjects;
}

} // namespace mailctl
