// SPDX-License-Identifier: Apache-2.0
// The Maildir++ quota of one mailbox on disk: reads, rebuilds and appends to `maildirsize`. It is a cache shared with
// the IMAP server: trouble with it never fails a delivery that fits. All folders count, Trash too, as Dovecot's maildir
// quota counts them (delivery B.6).
#pragma once

#include "mailctl/mail/quota.hpp"
#include "mailctl/maildir/maildir.hpp"

namespace mailctl {

// What lies in cur/ and new/ of the mailbox and its folders: from ",S=" in the names, else from the files.
[[nodiscard]] Result<QuotaUsage> measure_mailbox(const Maildir& mailbox);

// maildirsize as it stands; nullopt: there is none that can be trusted.
[[nodiscard]] std::optional<Maildirsize> read_maildirsize(const Maildir& mailbox);

// For RCPT: whether `message` certainly does not fit, from maildirsize as it stands. Reads only; false when in doubt.
[[nodiscard]] bool is_surely_over(const Maildir& mailbox, const QuotaLimits& limits, ByteCount message, Instant now);

// From the check before a message is staged to the entry after it was published, on one open file: whoever rebuilds the
// file in between counts the message himself.
class QuotaAccount {
  public:
    // `store` must outlive it. `mailbox` is the mailbox itself, also when the message goes to a folder.
    QuotaAccount(const MailStore& store, Maildir mailbox, QuotaLimits limits)
        : store_(store), mailbox_(std::move(mailbox)), limits_(limits) {}
    // Whether one message of this size fits; rebuilds maildirsize where the rules say so. An Error: nobody can tell.
    [[nodiscard]] Result<bool> fits(ByteCount message, Instant now);
    // What the mailbox held when fits() looked, without the message.
    [[nodiscard]] ByteCount used() const { return used_; }
    // After the message was published. Where it cannot be recorded maildirsize is removed: the next reader rebuilds it.
    void charge(ByteCount message);

  private:
    Result<Maildirsize> rebuild(Instant now);
    void install(const Maildirsize& content, Instant now);

    const MailStore& store_;
    Maildir mailbox_;
    QuotaLimits limits_;
    ByteCount used_;
    FileDescriptor file_; // maildirsize, O_APPEND
};

} // namespace mailctl
