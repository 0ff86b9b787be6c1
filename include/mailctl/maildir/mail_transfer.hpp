// SPDX-License-Identifier: Apache-2.0
// Mail that changes hands as it is: a mailbox that gets another name, messages that join another mailbox, a mailbox
// that becomes a folder of another. By rename where that can be (see moving): flags and dates stay, and a step that was
// cut short is finished by doing it again.
#pragma once

#include "mailctl/maildir/mail_archive.hpp"

namespace mailctl {

// Renames the Maildir. Where both exist the messages of `from` join those of `to`, folder by folder, and what else
// there is of it goes to the archive area. False: there was nothing at `from`.
[[nodiscard]] Result<bool> rename_mailbox(const MailStore& store, const Address& from, const Address& to,
                                          const ArchiveTag& tag);

// All messages in new/ and cur/ of one Maildir into the same of another, durably; their number. `to` has its
// maildirsize taken away: the next reader counts anew.
[[nodiscard]] Result<std::size_t> move_messages(const MailStore& store, const Maildir& from, const Maildir& to);

// The one message of that id (its file's name up to ',' or ':'). False: there is none.
[[nodiscard]] Result<bool> move_one_message(const MailStore& store, const Maildir& from, const Maildir& to,
                                            const std::string& id);
[[nodiscard]] std::string message_id_of_file(const std::string& name);

// What lies archived at `place` becomes `folder` ("Ann") of `to` and folders below it. Anything that is no mail stays
// where it is.
[[nodiscard]] Status hand_over(const MailStore& store, const std::string& place, const Maildir& to,
                               const std::string& folder);
// What lies archived at `place` joins the mail that is in `to`, folder by folder, and the place is gone. False: there
// is nothing (any more).
[[nodiscard]] Result<bool> join_archived(const MailStore& store, const std::string& place, const Maildir& to);
// A name for a new folder of `to` that begins with `wanted`; dots in it become '-'.
[[nodiscard]] Result<std::string> free_folder(const Maildir& to, std::string_view wanted);

} // namespace mailctl
