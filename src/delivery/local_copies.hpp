// SPDX-License-Identifier: Apache-2.0
// LocalCopies: the copies of a message that go into mailboxes of this machine. Staged first (written, durable,
// invisible), published when everything else that can fail has been tried; one not published leaves nothing behind.
// Several copies share one file by hard link where the site wants it so (delivery.single_instance).
#pragma once

#include "mailctl/delivery/transaction.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/maildir/staged_message.hpp"

#include <deque>
#include <map>
#include <span>
#include <utility>

namespace mailctl {

class LocalCopies {
  public:
    explicit LocalCopies(Transaction& transaction) : transaction_(transaction) {}
    LocalCopies(const LocalCopies&) = delete; // one copy points to another
    LocalCopies& operator=(const LocalCopies&) = delete;

    // Every copy that somebody waits for. What cannot be staged settles its recipients with 4xx; a mailbox over quota
    // is noted. Copies for members of a list settle nobody: see take_unplaced(). Once only.
    void stage(std::vector<PlannedCopy> plan);
    // Those of them that somebody still waits for become visible and durable; their recipients are served.
    void publish();
    // Members of lists that could not be served so far: a message to the MTA for each list, where their copies wait.
    [[nodiscard]] std::vector<PlannedInjection> take_unplaced() { return std::exchange(unplaced_, {}); }

  private:
    struct Copy {
        explicit Copy(PlannedCopy planned) : plan(std::move(planned)) {}
        PlannedCopy plan;
        std::optional<Maildir> place;        // until it is staged there or linked into
        std::optional<QuotaAccount> account; // only where there is a limit
        std::optional<StagedMessage> staged; // its own file; otherwise it gets a link to that of `shared`
        const Copy* shared = nullptr;
        MailboxGate::Pass pass;
        bool given_up = false; // over quota, or a member of a list that cannot be served
    };
    void settle_folders(std::vector<PlannedCopy>& plan);
    void become_inbox_copy(PlannedCopy& copy, std::vector<PlannedCopy>& plan);
    Status stage_copy(Copy& copy, bool alone);
    [[nodiscard]] bool is_wanted(const PlannedCopy& copy) const;
    void fail_copy(const PlannedCopy& copy, const Verdict& verdict);
    void find_full(Copy& copy);
    Status open_place(Copy& copy);
    Result<bool> fits(Copy& copy, ByteCount size);
    [[nodiscard]] std::string prefix_of(const PlannedCopy& copy, bool alone) const;
    void publish_together(std::span<Copy* const> copies);
    Result<NamedMessage> name_copy(Copy& copy);
    void finish_copy(Copy& copy);

    Transaction& transaction_;
    std::optional<MailStore> store_;
    std::deque<Copy> copies_;
    // Of each group of copies that begin with the same lines the one that holds the file the others link to: what a
    // list sends has a head of its own.
    std::map<std::string, Copy*> shared_;
    std::vector<PlannedInjection> unplaced_;
};

} // namespace mailctl
