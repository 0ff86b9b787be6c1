// SPDX-License-Identifier: Apache-2.0
// Responding: which robots and autoreplies answer a message that has been delivered. Decided from the message, the
// replies and the directory alone; nothing is sent and nothing remembered here.
#pragma once

#include "mailctl/delivery/envelope.hpp"
#include "mailctl/mail/answer.hpp"
#include "mailctl/mail/autoreply.hpp"
#include "mailctl/routing/lookup.hpp"
#include "mailctl/store/journal.hpp"

namespace mailctl {

struct DueAnswer {
    JournalEntry entry; // of the message; result, where and why are open
    Address responder;
    Address to;
    ResponderEntry text;
    AnsweredMail mail;
    std::string id; // unique
};
struct AnswerDecisions {
    std::vector<DueAnswer> due;
    std::vector<JournalEntry> declined; // with the reason
};

struct DeliveredMail { // what is known once the client has its replies
    const Envelope& envelope;
    const std::vector<LmtpReply>& replies; // one per recipient
    const HeaderSection& header;
    Instant when;
    ByteCount size;
};

// One reply for each recipient that was answered 2xx, by the first of its responders that may: the copy that a robot
// sends to another starts no second one (E22). A responder answers a message once, whoever leads to it. Where one
// answer had to do for all recipients and it is not 2xx, nobody answers: the message comes again.
[[nodiscard]] AnswerDecisions decide_answers(const DeliveredMail& mail, const Lookup& lookup, const Site& site,
                                             Date today);
[[nodiscard]] bool has_responders(const Envelope& envelope);

} // namespace mailctl
