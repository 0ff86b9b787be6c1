// SPDX-License-Identifier: Apache-2.0
// Mail held for candidates whose name somebody claims by now, whoever claimed it: a command, a hand edit, an import.
#pragma once

#include "mailctl/change/mail/moves.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// After the domains were compiled: mail held for names that are a mailbox or an alias by now moves there, that of
// banished names is set aside, and comes back when they are banished no more. May be repeated. Lines about what was
// done go to `notes`. Without a mail root nothing is held.
[[nodiscard]] Status settle_candidates(const SiteView& view, std::span<const Domain* const> domains,
                                       std::vector<std::string>& notes);
// The same for all domains, as applied.
[[nodiscard]] Status settle_all_candidates(const SiteView& view, std::vector<std::string>& notes);

// After domains were compiled under other names: what is held for their candidates, and what is known of them, goes
// along. May be repeated.
[[nodiscard]] Status move_candidates(const SiteView& view, std::span<const MailMoves::DomainRename> renamed,
                                     std::vector<std::string>& notes);

// Before the agent knows of new domains: what is held for candidates of earlier domains of their names is archived, as
// mail of deleted mailboxes is, and expires as it would have. May be repeated.
[[nodiscard]] Status put_away_candidates(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                         std::vector<std::string>& notes);

// One sentence for each name that `after` banishes and `before` did not, and for which mail is held: "banishing
// 'casino@example.org' takes away 2 messages held for it". `before`: null where the domain is new.
[[nodiscard]] Result<std::vector<std::string>> held_for_newly_banished(const SiteView& view, const Domain* before,
                                                                       const Domain& after);

} // namespace mailctl
