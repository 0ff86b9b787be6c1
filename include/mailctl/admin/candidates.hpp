// SPDX-License-Identifier: Apache-2.0
// Candidates: names that nobody claims and that got mail, where a domain says `unknown = candidate`: `mailctl
// candidate`. They are state, not configuration; what is made of them is a change like any other, and their held mail
// follows from it (see change/mail/claimed_mail), also when a hand edit or another command claims the name.
#pragma once

#include "mailctl/admin/mailboxes.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Cells: address, messages, bytes, first, last, sender, subject, claimed_by (a list, forward or robot of that name).
[[nodiscard]] Result<Report> list_candidates(const World& world, std::span<const DomainName> domains);
// missing: no such candidate.
[[nodiscard]] Result<Report> show_candidates(const World& world, std::span<const Address> addresses);

// The held mail moves along. missing: no such candidate; one that was promoted so already is nothing to change.
[[nodiscard]] Result<Report> promote_to_mailboxes(const World& world, std::span<const NewMailbox> mailboxes,
                                                  const ChangeOptions& options);
[[nodiscard]] Result<Report> promote_to_aliases(const World& world, std::span<const Address> addresses,
                                                const Address& mailbox, const ChangeOptions& options);
// The held mail stays where it is until the candidate expires: who was no member then is not handed it now.
[[nodiscard]] Result<Report> promote_to_lists(const World& world, std::span<const Address> addresses,
                                              std::span<const Address> members, const ChangeOptions& options);
// Banished, and the held mail is set aside: agreed to first.
[[nodiscard]] Result<Report> banish_candidates(const World& world, std::span<const Address> addresses,
                                               const ChangeOptions& options);
// Those without mail for so long (absent: the site's candidates.keep) are forgotten and their mail is dropped; what was
// set aside so long ago, too. A shorter time than the site's is agreed to first.
[[nodiscard]] Result<Report> expire_candidates(const World& world, std::optional<Age> older_than,
                                               const ChangeOptions& options);

// Of these words of a command line, relative to `own`, those that name known candidates; the others in `rest`.
struct SortedWords {
    std::vector<Address> candidates, rest;
};
[[nodiscard]] Result<SortedWords> sort_candidates(const World& world, std::span<const Address> addresses);

} // namespace mailctl
