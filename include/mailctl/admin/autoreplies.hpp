// SPDX-License-Identifier: Apache-2.0
// What a mailbox answers while its owner is away: `mailctl autoreply`. Set by the administrator, or by the user himself
// (--as), who needs no password of the mailbox for it.
#pragma once

#include "mailctl/admin/robots.hpp"

namespace mailctl {

struct AutoreplyRequest {
    ReplyText text;
    // Absent: as it is; with a reply that is over by then, its dates are over too. A day that is absent inside: none.
    std::optional<std::optional<Date>> start, end;
};
// Makes it or changes what is given, and switches it on; an empty message says nothing and so switches it off.
// denied: a user whose `from` is not an address of his own.
[[nodiscard]] Result<Report> set_autoreply(const World& world, const Address& mailbox, const AutoreplyRequest& request,
                                           const ChangeOptions& options);
// Cells: address, state ("none" without one), from, subject, message, html, attach, start, end, every.
[[nodiscard]] Result<Report> show_autoreplies(const World& world, std::span<const Address> mailboxes);
// The same of every mailbox that has one, switched on or off.
[[nodiscard]] Result<Report> list_autoreplies(const World& world, std::span<const DomainName> domains);
// conflict: there is nothing to switch on.
[[nodiscard]] Result<Report> switch_autoreplies(const World& world, std::span<const Address> mailboxes, Switch position,
                                                const ChangeOptions& options);

} // namespace mailctl
