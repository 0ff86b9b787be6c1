// SPDX-License-Identifier: Apache-2.0
// Messages of a mailbox taken away: all, or those of a folder or an age. Only message files in new/ and cur/ go; what
// an IMAP server keeps beside them is its own business, it notices by itself.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailctl {

struct Clearing {
    std::optional<std::string> folder; // "INBOX", "Sent", "Work/2025"; absent: INBOX and all folders
    std::optional<Instant> before;     // only messages that arrived earlier (the file's modification time)
    bool dry_run = false;              // count only
};
struct Cleared {
    std::uint64_t messages = 0, bytes = 0;
};
// nullopt: there is no such folder. maildirsize is taken away, so that the next reader counts anew.
[[nodiscard]] Result<std::optional<Cleared>> clear_mailbox(const Maildir& mailbox, const Clearing& clearing);

// When the last message arrived, by the names of the files in new/ and cur/ of INBOX; nullopt: none is there, or nobody
// can tell.
[[nodiscard]] std::optional<Instant> find_last_delivery(const Maildir& mailbox);

} // namespace mailctl
