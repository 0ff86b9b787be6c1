// SPDX-License-Identifier: Apache-2.0
// PolicyRequest: what Postfix asks a policy service about a client's command, and the answer, in the protocol of its
// SMTPD_POLICY_README: lines "name=value", an empty line ends the question; "action=..." and an empty line answer it.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/mail/lmtp_reply.hpp"
#include "mailctl/model/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

struct PolicyRequest { // of one recipient
    Sender sender;
    Address recipient;
    std::optional<ByteCount> size; // as the client declared it with MAIL
    bool operator==(const PolicyRequest&) const = default;
};
// `lines` without the empty line at their end. Absent: nothing to decide here, as at any other command than RCPT, or
// nothing that can be understood: a line without '=', a name given twice, an address without a domain or that is none.
// What else Postfix says of the client is passed over; newer versions say more. A sender without a domain gets `host`.
[[nodiscard]] std::optional<PolicyRequest> parse_policy_request(std::string_view lines, const DomainName& host);

// Leaves the decision to the rules of Postfix that follow.
inline constexpr std::string_view policy_no_opinion = "action=DUNNO\n\n";
// "action=550 5.2.1 mailbox is suspended" and an empty line: one line whatever stands in the reply. A reply that
// accepts is no opinion: Postfix has rules of its own.
[[nodiscard]] std::string format_policy_answer(const LmtpReply& reply);

} // namespace mailctl
