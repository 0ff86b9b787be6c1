// SPDX-License-Identifier: Apache-2.0
// Agent: what every delivery of this process shares: the compiled directory, the settings compiled into it, the
// journal, the MTA. Notices a newly compiled state by itself. It reads configuration nowhere else, and writes only mail
// and journal.
#pragma once

#include "mailctl/delivery/afterwards.hpp"
#include "mailctl/delivery/agent_tally.hpp"
#include "mailctl/delivery/ban_tally.hpp"
#include "mailctl/delivery/deliver.hpp"
#include "mailctl/delivery/submission_gate.hpp"
#include "mailctl/exchange/logs/agent_status.hpp"
#include "mailctl/maildir/counted_mailboxes.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/os/paths.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/directory.hpp"
#include "mailctl/store/moved_names.hpp"
#include "mailctl/store/recipient.hpp"
#include "mailctl/store/state.hpp"
#include "mailctl/store/under_way.hpp"

#include <cstdint>
#include <memory>
#include <mutex>

namespace mailctl {

struct DueAnswer;
struct QuotaWarning;

// Of one generation of the compiled directory; shared by the transactions that began under it.
struct AgentSettings {
    std::uint64_t generation = 0;
    Site site;
    DeliverySettings delivery;
    std::unique_ptr<Mailer> mailer;
    std::unique_ptr<Mailer> reply_mailer; // less patient
    std::shared_ptr<Journal> journal;
};

struct View { // what one step of a transaction looks at; short-lived
    std::unique_ptr<DirectorySnapshot> directory;
    std::shared_ptr<const AgentSettings> settings;
};

class Agent {
  public:
    enum class JournalUse { all_targets, not_standard_output };
    Agent(Paths paths, Clock clock, JournalUse journal_use = JournalUse::all_targets);

    // temporary: nothing compiled yet, or it cannot be read. Opens the directory when it is there for the first time.
    [[nodiscard]] Result<View> view();
    // The recipient's plan as of `view`; `sender` decides whether he may post to a list. Errors are temporary.
    [[nodiscard]] Result<Plan> resolve(const View& view, const Sender& sender, const Address& recipient);
    // Resolves again where the directory has changed since `resolved_at`, then delivers: one reply per recipient. The
    // replies of robots and autoreplies come afterwards and nobody waits for them: they cannot change the outcome.
    [[nodiscard]] std::vector<LmtpReply> deliver(Envelope& envelope, std::uint64_t resolved_at,
                                                 MessageContent& content);

    // Before the process ends: what robots have to say is said, as far as it can begin within `limit`.
    void finish(std::chrono::milliseconds limit);
    // Banished recipients of a message that has come. Written at leisure by nobody whom a client waits for.
    void count_bans(const std::vector<BanHit>& hits, BanTally::Urgency urgency);

    // How it is, for who asks.
    [[nodiscard]] AgentStatus status(const std::string& version);

    [[nodiscard]] AgentTally& tally() { return tally_; }
    [[nodiscard]] MailboxGate& gate() { return gate_; }
    [[nodiscard]] CountedMailboxes& counted_mailboxes() { return counted_mailboxes_; }
    [[nodiscard]] State& state() { return state_; }
    [[nodiscard]] SubmissionGate& submissions() { return submissions_; }
    [[nodiscard]] Instant now() const { return clock_(); }
    [[nodiscard]] const Paths& paths() const { return paths_; }
    // A short text that no other transaction has.
    [[nodiscard]] std::string make_id() const;
    // SIGHUP: the journal is opened anew, the SRS secrets are read again.
    void reload();

  private:
    Result<std::unique_ptr<DirectorySnapshot>> snapshot();
    // temporary: as of now there is no such mailbox, or it is being renamed.
    Status confirm_mailbox(const Address& mailbox);
    [[nodiscard]] Result<bool> has_moved_away(const Lookup& lookup, const Site& site, const Address& recipient);
    [[nodiscard]] bool is_current(std::uint64_t generation);
    // The view may become a newer one.
    Result<DeliveryMark> mark_as_current(View& view);
    Result<std::shared_ptr<const AgentSettings>> settings_for(const DirectorySnapshot& directory);
    Result<std::shared_ptr<const AgentSettings>> load_settings(const DirectorySnapshot& directory,
                                                               std::shared_ptr<Journal> journal);
    void respond(const Envelope& envelope, const std::vector<LmtpReply>& replies, MessageContent& content,
                 Instant when);
    void warn(const Growth& growth, const std::shared_ptr<const AgentSettings>& settings);
    void send_warning(const QuotaWarning& warning, const AgentSettings& settings);
    void answer(const DueAnswer& due, const AgentSettings& settings, Afterwards::Turn turn);

    Paths paths_;
    Clock clock_;
    JournalUse journal_use_;
    Instant started_;
    AgentTally tally_;
    MailboxGate gate_;
    CountedMailboxes counted_mailboxes_;
    SubmissionGate submissions_; // outlives the mailers in the settings
    MovedNames moved_;           // has a lock of its own
    State state_;                // so has this
    CandidateDomains candidate_domains_;
    BanTally bans_;
    std::mutex mutex_;                              // guards what follows
    std::optional<Directory> directory_;            // once it was there; never closed again
    std::shared_ptr<const AgentSettings> settings_; // the latest
    Afterwards afterwards_;                         // uses all of the above: ends first
};

} // namespace mailctl
