// SPDX-License-Identifier: Apache-2.0
// What is known of a message besides its bytes when the end of the data has come: from whom, for whom, and what the
// resolver said of each recipient.
#pragma once

#include "mailctl/mail/lmtp_reply.hpp"
#include "mailctl/routing/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct EnvelopeRecipient {
    Plan plan;
    std::optional<std::string> original; // ORCPT, decoded
};

struct Envelope {
    std::string id; // ours: in Received, the journal and the replies
    Sender sender;
    std::vector<EnvelopeRecipient> recipients; // in the order of the RCPT commands
    std::string client_name, peer;             // "" in pipe mode
    std::string protocol;                      // "LMTP", "UTF8LMTP"; "" in pipe mode: no Received of ours
    bool body_8bit = false, smtputf8 = false;
    bool all_or_nothing = false; // one answer must do for all recipients: nobody gets anything unless all do
};

// The answer for one recipient and what the journal says of it.
struct Verdict {
    LmtpReply reply;
    std::string result; // as in JournalEntry
    std::string why;
};

} // namespace mailctl
