// SPDX-License-Identifier: Apache-2.0
// What the records of a domain are made from, gathered from the site: `dns show` prints them, `dns check` compares
// them.
#pragma once

#include "mailctl/exchange/dns/wanted.hpp"
#include "mailctl/model/dkim.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// One for each name of the domain: its own first, then its aliases and the alternate one.
[[nodiscard]] Result<std::vector<DnsSubject>> dns_subjects(const SiteView& view, const Domain& domain);
// Only the one for `name`, which is one of the domain's; for the domain's own name, all.
[[nodiscard]] Result<std::vector<DnsSubject>> dns_subjects_for(const SiteView& view, const Domain& domain,
                                                               const DomainName& name);
// Holds the private keys, where they can be read, against what is published of them.
void look_at_private_keys(const SiteView& view, const Domain& domain, std::vector<DnsSubject>& subjects);
// The records of a domain's selectors; one that is gone has none.
[[nodiscard]] std::vector<DkimWanted> wanted_keys(std::span<const DkimSelector> selectors);
// The `id` of _mta-sts: another one if and only if the policy is another. "" where none is set up.
[[nodiscard]] std::string policy_id(const Site& site);

} // namespace mailctl
