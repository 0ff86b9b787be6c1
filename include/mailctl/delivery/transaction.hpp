// SPDX-License-Identifier: Apache-2.0
// Transaction: one message on its way through the agent, and what every room of the delivery needs of it: the message,
// whom it is for, the site's settings, the services it acts through, and what has become of each recipient so far.
#pragma once

#include "mailctl/delivery/envelope.hpp"
#include "mailctl/delivery/ledger.hpp"
#include "mailctl/delivery/mailbox_gate.hpp"
#include "mailctl/mail/message.hpp"
#include "mailctl/mail/srs.hpp"
#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/mailer.hpp"
#include "mailctl/store/journal.hpp"
#include "mailctl/store/state.hpp"

#include <chrono>
#include <functional>

namespace mailctl {

struct DeliverySettings {
    DomainName hostname = DomainName::from_trusted("localhost");
    std::string mail_root;
    std::optional<MailOwner> owner;
    bool single_instance = true;
    OverQuotaAnswer over_quota = OverQuotaAnswer::reject;
    unsigned max_hops = 100;
    Site::Candidates candidates = {};
    bool rewrite_senders = true;
    std::chrono::seconds submit_timeout{30}; // for all that one message has to hand to the MTA
    Result<SrsKeys> srs_keys = SrsKeys{DomainName::from_trusted("localhost"), {}}; // an Error makes forwards wait
};
struct Growth { // of a mailbox with a quota, by one message
    Address mailbox;
    ByteCount before, after, quota;
};
struct DeliveryServices { // what deliver() acts through; all may be used by many threads at once
    Mailer& mailer;
    Journal& journal;
    MailboxGate& gate;
    State& state;
    MailStore::Confirm confirm_mailbox = {}; // see MailStore::confirm_new
    // Whether the directory still is the one that the recipients were resolved by.
    std::function<bool()> is_current = [] { return true; };
    std::function<void(Growth)> note_growth = [](const Growth&) {};
    std::function<bool()> may_submit_more = [] { return true; }; // at once, beside what the message submits already
};

struct Transaction {
    const Envelope& envelope;
    MessageContent& content;
    Instant when;
    const DeliverySettings& settings;
    const DeliveryServices& services;
    HeaderSection header; // of content
    Ledger ledger;
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();

    [[nodiscard]] std::chrono::steady_clock::time_point mta_deadline() const { return begun + settings.submit_timeout; }
};

// What goes in front of the header section as it came: the trace and, where a list sends the message, its fields.
[[nodiscard]] std::string compose_head(const Trace& trace, const std::optional<Address>& list,
                                       const HeaderSection& header);
// Envelope sender of what a list sends; its bounces come back there (RFC 5321 3.9.2).
[[nodiscard]] Address owner_of(const Address& list);
// What our Received line says of it: the recipient only if there is one alone (RFC 5321 7.2).
[[nodiscard]] ReceivedLine received_line(const Transaction& transaction);

} // namespace mailctl
