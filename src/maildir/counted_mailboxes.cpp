// SPDX-License-Identifier: Apache-2.0
// Two threads may count one mailbox at the same time: nobody waits for another's count.
#include "mailctl/maildir/counted_mailboxes.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace mailctl {

bool CountedMailboxes::is_over(const Maildir& mailbox, const QuotaLimits& limits, ByteCount message, Instant now) {
    if (is_surely_over(mailbox, limits, message, now)) return true;
    const auto file = read_maildirsize(mailbox);
    const bool fits = file && decide_quota(limits, *file, message, UsageSource::maildirsize, {}) == QuotaVerdict::fits;
    if (fits) return false;
    const auto counted = usage(mailbox, now);
    return counted && decide_quota(limits, Maildirsize{limits, *counted, 1}, message, UsageSource::recalculated, {}) ==
                          QuotaVerdict::over;
}

CountedMailboxes::Stamp CountedMailboxes::stamp_of(const Maildir& mailbox) {
    struct stat about {};
    if (::fstatat(mailbox.directory(), "maildirsize", &about, AT_SYMLINK_NOFOLLOW) != 0) return {};
    return {about.st_ino, about.st_size, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
}

Result<QuotaUsage> CountedMailboxes::usage(const Maildir& mailbox, Instant now) {
    struct stat about {};
    if (::fstat(mailbox.directory(), &about) != 0) return fail(system_error(errno, "cannot examine", "a mailbox"));
    const Key key{about.st_dev, about.st_ino};
    const auto stamp = stamp_of(mailbox);
    {
        const std::lock_guard lock(mutex_);
        const auto known = counts_.find(key);
        const bool is_fresh = known != counts_.end() && known->second.stamp == stamp && now >= known->second.when &&
                              now - known->second.when < lifetime;
        if (is_fresh) return known->second.usage;
    }
    TRY_ASSIGN(const auto counted, measure_mailbox(mailbox));
    const std::lock_guard lock(mutex_);
    if (counts_.size() >= most)
        std::erase_if(counts_, [&](const auto& one) { return now - one.second.when >= lifetime; });
    if (counts_.size() >= most) counts_.clear();
    counts_.insert_or_assign(key, Count{stamp, now, counted});
    return counted;
}

} // namespace mailctl
