// SPDX-License-Identifier: Apache-2.0
// What a mailbox holds, as one digest: equal digests on two machines mean that they hold the same mail, in the same
// folders, with the same flags, and that the IMAP server will say the same of it. What is under way in tmp/ and what an
// IMAP server can make anew (its indexes and locks) do not count, nor do owners and times.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <cstdint>

namespace mailctl {

struct MailDigest {
    std::string text; // 64 hex digits
    std::uint64_t files = 0, bytes = 0;
    bool operator==(const MailDigest&) const = default;
};
// Reads all of it. nullopt: there is no such mailbox. temporary: it changed while it was read; ask again.
[[nodiscard]] Result<std::optional<MailDigest>> digest_mailbox(const MailStore& store, const Address& mailbox);

} // namespace mailctl
