// Mail that could not be moved when its change was made: a directory that nobody may enter, a disk that has gone. What
// was looked at before the change does not tell everything. The change stands all the same, the mail stays where it is,
// and what is owed to it is written down beside the history (lib/history/unmoved/NUMBER): nothing else waits for it,
// the change can be reverted, and `mailctl apply` tries again.
#pragma once

#include "mailctl/change/mail_moves.hpp"

namespace mailctl {

enum class Owed { before_compiling, after_compiling }; // prepare_maildirs, retire_maildirs
// Durable. The error of the step where its change may not be made without it: a new mailbox would show the mail of
// somebody who had the name before.
[[nodiscard]] Status owe_mail(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, Owed what,
                              const Error& reason, MoveReport& report);
// Tries all that is owed; what has become pointless, because the mailbox is there again, is forgotten. A line for each
// that is done, and for each that is not.
[[nodiscard]] Status move_owed_mail(const SiteView& view, std::vector<std::string>& notes);

} // namespace mailctl
