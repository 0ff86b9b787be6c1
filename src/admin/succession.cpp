// SPDX-License-Identifier: Apache-2.0
#include "succession.hpp"

namespace mailctl {

Result<Address> get_successor(const SiteView& view, const Address& to) {
    TRY_ASSIGN(const auto* lookup, view.applied());
    TRY_ASSIGN(const auto entry, lookup->find_domain(to.domain));
    if (!entry) return to; // elsewhere
    TRY_ASSIGN(const auto* domain, view.get_domain(to.domain));
    const Address real = address_in(*domain, to.local.key());
    if (holder_of(*domain, real.local.text())) return real;
    return fail(no_such("mailbox", real, *domain, mailbox_names(*domain)));
}

bool is_mailbox_of(const Domain& domain, const Address& to) {
    return to.domain == domain.name && domain.mailboxes.contains(to.local.key());
}

} // namespace mailctl
