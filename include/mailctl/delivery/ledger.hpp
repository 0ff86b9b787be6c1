// SPDX-License-Identifier: Apache-2.0
// Ledger: what has become of each recipient of a transaction. Every room of the delivery reports here what it did,
// what was refused and what failed; replies, journal and the notice to the sender are read from it. Nobody for whom
// nothing was done is ever answered 250.
#pragma once

#include "mailctl/delivery/plan_delivery.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/os/mailer.hpp"

#include <string>
#include <vector>

namespace mailctl {

struct Service {               // one thing done for a recipient
    std::string result, where; // as the journal says: "delivered", "paul@example.com/lists"
};

struct Note { // for the journal alone
    std::string result, where, why;
};

class Ledger {
  public:
    explicit Ledger(std::size_t recipients) : people_(recipients) {}

    struct Recipient {
        std::optional<Verdict> verdict; // set: this is the answer, and nothing more is done for them
        std::vector<Service> served;
        std::vector<Refusal> refusals; // targets refused by the next hop for good
        std::vector<Address> full;     // mailboxes over quota
        std::vector<Note> notes;
    };
    [[nodiscard]] const std::vector<Recipient>& recipients() const { return people_; }
    // Is there one among them who still waits for an answer? What nobody waits for is not worth doing.
    [[nodiscard]] bool is_open(const Dependents& recipients) const;

    // Those who have no verdict yet get this one.
    void settle(const Dependents& recipients, const Verdict& verdict);
    void settle_all(const Verdict& verdict);
    void serve(const Dependents& recipients, const Service& service); // those without a verdict
    void refuse(const Dependents& recipients, const Refusal& refusal);
    void find_full(const Dependents& recipients, const Address& mailbox);
    // What changes no answer: a list that does not send on, a member of a list that cannot be served now.
    void note(const Dependents& recipients, const Note& note);

    // Where one answer must do for all: once anybody cannot be served, nobody is.
    void agree(OverQuotaAnswer over_quota);
    // At the end. Full mailboxes and refused targets do not stop the others: where something was done for a recipient,
    // these stay notes; where nothing was, they are the answer.
    void conclude(OverQuotaAnswer over_quota);

  private:
    std::vector<Recipient> people_;
};

[[nodiscard]] Verdict deferred(LmtpReply reply, std::string why);
// "451 4.2.0 ..." for a failure in the mail store: ENOSPC 452 4.3.0, EDQUOT and EFBIG 452 4.2.2 (delivery B12).
[[nodiscard]] LmtpReply reply_to_store_error(const Error& error);
[[nodiscard]] Verdict deferred_by_store(const Error& error);
// "next hop: 550 5.1.1 ...", for the journal.
[[nodiscard]] std::string next_hop_words(const Refusal& refusal);
[[nodiscard]] LmtpReply over_quota_reply(OverQuotaAnswer answer);

} // namespace mailctl
