// SPDX-License-Identifier: Apache-2.0
// Mail held for suspended mailboxes (receive = hold) and how it comes out again. Every function takes the lock of the
// domain alone, and is to be called after the directory has changed: what a delivery has named by then moves along, and
// it names nothing more there. A domain that never held mail gets no place for it.
#pragma once

#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Into the mailbox itself; a line if there was any.
[[nodiscard]] Status release_suspended(const MailStore& store, const Address& mailbox, LockPatience& patience,
                                       std::vector<std::string>& notes);
// Held for the new name from now on.
[[nodiscard]] Status rename_suspended(const MailStore& store, const Address& from, const Address& to,
                                      LockPatience& patience);
// Mailboxes that are suspended no more, and for which mail is held.
[[nodiscard]] Result<std::vector<Address>> releasable_mail(const World& world, const SiteView& view);
// Mail held for suspensions whose last day is over joins its mailbox; a line for each. For `mailctl apply`. A delivery
// that began on that last day may still add to it: the next time takes it out.
[[nodiscard]] Result<std::vector<std::string>> release_held_mail(const World& world, const SiteView& view);

} // namespace mailctl
