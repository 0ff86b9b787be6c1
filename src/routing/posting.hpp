// SPDX-License-Identifier: Apache-2.0
// Who may post to a list (specification 3, `post`): anyone, senders of the list's domain, its members, or those named.
// Looks at the envelope sender only: a From line proves nothing either.
#pragma once

#include "mailctl/routing/lookup.hpp"

namespace mailctl {

// A member may write from any name of his mailbox: aliases, also under the domain's other names, with a detail after
// one of `delimiters`, and in the forms that mail systems give a sender on the way (model/real_sender.hpp).
// An Error is the Lookup's.
[[nodiscard]] Result<bool> may_post(const Lookup& lookup, const Address& list, const ListEntry& entry,
                                    const Address& sender, const std::string& delimiters);

} // namespace mailctl
