// SPDX-License-Identifier: Apache-2.0
// Mail that could not be moved when its change was made: a directory that nobody may enter, a disk that has gone. What
// was looked at before the change does not tell everything. The change stands all the same, the mail stays where it is,
// and what is owed to it is written down beside the history (lib/history/unmoved/NUMBER): nothing else waits for it and
// the change can be reverted. `mailctl apply` tries again, and so does the next change of a domain whose mail it is.
//
// Meanwhile names whose mail lies where it does not belong keep what they have: the old name of a renamed mailbox and
// that of a removed one are not given away, and the renamed one stays.
#pragma once

#include "mailctl/change/mail/moves.hpp"

#include <cstdint>

namespace mailctl {

enum class Owed { renames, before_compiling, after_compiling }; // rename_maildirs, prepare_maildirs, retire_maildirs
// Durable.
[[nodiscard]] Status owe_mail(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, Owed what,
                              const Error& reason, MoveReport& report);
[[nodiscard]] Result<bool> owes_mail(const Paths& paths);
// Tries what is owed to mailboxes of `domains` (nullptr: of all); what has become pointless, because the mailbox is
// there again, is forgotten. A line for each that is done, and for each that is not. True: something was owed that is
// owed no more.
[[nodiscard]] Result<bool> move_owed_mail(const SiteView& view, const std::set<DomainName>* domains,
                                          std::vector<std::string>& notes);

// Mailboxes that keep their names, by what is owed; hardly ever any.
class OwedNames {
  public:
    static Result<OwedNames> load(const SiteView& view);
    [[nodiscard]] bool empty() const { return names_.empty(); }
    // conflict: `moves` make, remove or rename one of them. `reverts`: the change that may, because it undoes what the
    // mail is owed for.
    [[nodiscard]] Status check(const MailMoves& moves, const std::optional<std::uint64_t>& reverts) const;

  private:
    std::map<Address, std::uint64_t> names_; // and the change that owes the mail
};

} // namespace mailctl
