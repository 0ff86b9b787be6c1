// Names of a mailbox that lead to somebody else from now on: aliases where that is a mailbox of the same domain, else
// forwards.
#pragma once

#include "mailctl/admin/changes.hpp"
#include "mailctl/admin/targets.hpp"

namespace mailctl {

// The address with its real domain if that is ours; somebody must be there. missing: nobody of that name.
[[nodiscard]] Result<Address> get_successor(const SiteView& view, const Address& to);
// To be planned after the table of the mailbox was removed.
void hand_on_names(const MailboxTarget& target, const Address& to, ChangePlan& plan);
// Whether `to` is a mailbox of `domain`.
[[nodiscard]] bool is_mailbox_of(const Domain& domain, const Address& to);

} // namespace mailctl
