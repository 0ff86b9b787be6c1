// SPDX-License-Identifier: Apache-2.0
// Who takes over the names of a mailbox.
#pragma once

#include "mailctl/change/look_ups.hpp"

namespace mailctl {

// The address with its real domain if that is ours; somebody must be there. missing: nobody of that name.
[[nodiscard]] Result<Address> get_successor(const SiteView& view, const Address& to);
// Whether `to` is a mailbox of `domain`.
[[nodiscard]] bool is_mailbox_of(const Domain& domain, const Address& to);

} // namespace mailctl
