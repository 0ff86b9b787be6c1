// SPDX-License-Identifier: Apache-2.0
// What the steps of mail_moves have in common.
#pragma once

#include "mailctl/change/mail/moves.hpp"

namespace mailctl {

[[nodiscard]] ArchiveTag tag_of(const HistoryRecord& record);
[[nodiscard]] const MailOrder* find_order(const MailMoves& moves, std::string_view verb, const Address& mailbox);
// archive_mailbox; where the mail lies now, and a line if it was moved.
[[nodiscard]] Result<std::optional<std::string>> archive(const SiteView& view, const MailStore& store,
                                                         const Address& mailbox, const ArchiveTag& tag,
                                                         std::vector<std::string>& notes);

} // namespace mailctl
