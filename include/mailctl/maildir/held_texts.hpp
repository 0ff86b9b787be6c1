// SPDX-License-Identifier: Apache-2.0
// Single held messages: what they are, for those who decide about them one by one.
#pragma once

#include "mailctl/maildir/held_mail.hpp"

namespace mailctl {

struct HeldText {
    std::string id; // see message_id_of_file
    Instant arrived;
    ByteCount size;
    std::string head; // the beginning of the message, with its header section or the first 64 KiB of it
};
// By time. Links and what is no file are passed over.
[[nodiscard]] Result<std::vector<HeldText>> held_texts(const MailStore& store, HeldFor why, const Address& name);
// One of them into a mailbox; the lock alone is needed. False: there is none of that id.
[[nodiscard]] Result<bool> release_one_held(const MailStore& store, HeldFor why, const Address& name,
                                            const std::string& id, const Address& mailbox);

} // namespace mailctl
