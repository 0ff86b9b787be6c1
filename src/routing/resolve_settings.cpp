// SPDX-License-Identifier: Apache-2.0
// What the resolver takes from the settings of the site.
#include "mailctl/routing/resolve.hpp"

namespace mailctl {

Address passing_mark(const Address& recipient, const DomainName& hostname) {
    return {LocalPart::from_trusted(recipient.local.text() + '=' + recipient.domain.text()), hostname};
}

ResolveSettings resolve_settings(const Site& site, Date today) {
    return {.delimiters = site.addresses.delimiters,
            .max_depth = site.delivery.max_depth,
            .max_expansion = site.delivery.max_expansion,
            .postmaster = site.postmaster,
            .today = today,
            .local_part_characters = site.addresses.local_part_characters,
            .hostname = site.hostname,
            .is_one_of_many = !site.nodes.empty()};
}

} // namespace mailctl
