// SPDX-License-Identifier: Apache-2.0
// What lies below the mail root, for who has become the mail user.
#pragma once

#include "mailctl/maildir/as_mail_user.hpp"

namespace mailctl {

// The number of stale files, then the places of mailboxes: "+example.org/paul", and "!example.org/paul" for one whose
// parts are on several file systems. Looked at on every core.
[[nodiscard]] Result<Words> look_at_mail(const MailStore& store, Instant now);

} // namespace mailctl
