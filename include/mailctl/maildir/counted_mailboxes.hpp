// SPDX-License-Identifier: Apache-2.0
// CountedMailboxes: whether mailboxes are full, asked before a message is taken. There maildirsize may not be rebuilt,
// and as it stands it often leaves in doubt what is over: then the messages are counted, and the count is remembered,
// so that many who write to a full mailbox cost one count. Used by many threads at once.
#pragma once

#include "mailctl/maildir/mailbox_quota.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <sys/types.h>
#include <utility>

namespace mailctl {

class CountedMailboxes {
  public:
    // How long a count is believed, unless maildirsize is written before: whoever clears his mailbox waits no longer.
    static constexpr std::chrono::seconds lifetime{30};
    static constexpr std::size_t most = 10'000; // counts that are remembered

    // Whether `message` does not fit. Reads only; false where nobody can tell.
    [[nodiscard]] bool is_over(const Maildir& mailbox, const QuotaLimits& limits, ByteCount message, Instant now);

  private:
    struct Stamp { // of maildirsize
        ino_t inode = 0;
        off_t size = 0;
        std::int64_t changed_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    struct Count {
        Stamp stamp;
        Instant when;
        QuotaUsage usage;
    };
    using Key = std::pair<dev_t, ino_t>; // of the mailbox
    [[nodiscard]] Result<QuotaUsage> usage(const Maildir& mailbox, Instant now);
    [[nodiscard]] static Stamp stamp_of(const Maildir& mailbox);

    std::mutex mutex_;
    std::map<Key, Count> counts_;
};

} // namespace mailctl
