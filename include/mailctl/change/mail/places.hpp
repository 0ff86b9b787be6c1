// SPDX-License-Identifier: Apache-2.0
// What can be known of the places of mail before a change is recorded, so that nothing lasting stops it afterwards.
#pragma once

#include "mailctl/change/mail/moves.hpp"

namespace mailctl {

// denied, failed, temporary: a domain's directory or the archive area cannot be entered or written, or is none. Names
// it; nothing has been written. That they lie on other file systems, or are links, is no reason (maildir/moving).
[[nodiscard]] Status check_places_of(const SiteView& view, const MailMoves& moves);

// For a dry run: what would become of mail, a line for each of the first few.
[[nodiscard]] Result<std::vector<std::string>> foresee(const SiteView& view, const MailMoves& moves);
// Mail that lies at the place of a new mailbox whose name nobody had before is no former owner's: it becomes its own.
[[nodiscard]] std::string format_adopted(const SiteView& view, const Address& mailbox);

} // namespace mailctl
