// SPDX-License-Identifier: Apache-2.0
// Quota warning: the user of a mailbox that gets full is told so by mail, once per level of delivery.quota_warnings.
// The IMAP server cannot do it: it warns of what it stores itself. As with replies, nobody waits for it and no failure
// changes what became of the mail.
#pragma once

#include "mailctl/delivery/transaction.hpp"

namespace mailctl {

struct QuotaWarning {
    Growth growth;
    unsigned percent = 0;
    std::string id = {}; // unique; the sender's to give
};
// The warning this growth may call for; whether it was given before is not asked here.
[[nodiscard]] std::optional<QuotaWarning> find_quota_warning(const Growth& growth, const Site& site);

struct WarningServices {
    State& state;
    Mailer& mailer;
    const Site& site;
};
// What has become of it, for the journal: "warned", or "not warned" and why; nullopt: it was given before. Leaves with
// the null sender, so that nothing answers it and no bounce comes of it.
[[nodiscard]] std::optional<JournalEntry> send_quota_warning(const QuotaWarning& warning,
                                                             const WarningServices& services, Instant now);

} // namespace mailctl
