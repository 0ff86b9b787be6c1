// SPDX-License-Identifier: Apache-2.0
// HeldCopies: the copies of a message that are kept apart, for candidates and for suspended mailboxes. Room for a
// candidate is reserved before anything is written; the copy is named under the domain's lock and only while the
// directory is the one it was decided by, so that whoever promotes a candidate or ends a suspension misses none.
#pragma once

#include "mailctl/base/bounds.hpp"
#include "mailctl/delivery/transaction.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/maildir/staged_message.hpp"

namespace mailctl {

// The candidate whose mail this would be, and nobody else's: over a limit it is unknown. nullptr: there is none.
[[nodiscard]] const Address* find_sole_candidate(const Plan& plan);
[[nodiscard]] LmtpReply unknown_candidate_reply();

class HeldCopies {
  public:
    explicit HeldCopies(Transaction& transaction) : transaction_(transaction) {}
    HeldCopies(const HeldCopies&) = delete;
    HeldCopies& operator=(const HeldCopies&) = delete;
    ~HeldCopies(); // gives back what was reserved and not used

    // Every copy that somebody waits for. Recipients without room are refused as unknown, those whose copy cannot be
    // staged are settled with 4xx. Once only.
    void stage(std::vector<PlannedHold> plan);
    // Those that somebody still waits for become durable; their recipients are served.
    void publish();

  private:
    struct Copy {
        PlannedHold plan;
        std::optional<ByteCount> reserved;
        std::optional<StagedMessage> staged;
    };
    Status stage_copy(Copy& copy);
    Result<bool> reserve(Copy& copy, ByteCount size);
    void refuse(const Copy& copy);
    Status publish_copy(Copy& copy);
    Result<HeldLock> lock_place(const HoldDelivery& hold);

    Transaction& transaction_;
    std::optional<MailStore> store_;
    std::vector<Copy> copies_;
    std::optional<Error> no_state_; // why nothing can be reserved now
    LockPatience patience_{bounds::held_patience};
};

} // namespace mailctl
