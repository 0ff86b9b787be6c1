// SPDX-License-Identifier: Apache-2.0
// RcptAnswer: what the agent says to a recipient before it has seen the message. Asked by LMTP's RCPT and by Postfix
// through the policy socket, so that both say the same. Looks at the directory, at quotas and at the room for
// candidates, and changes nothing (specification 4).
#pragma once

#include "mailctl/delivery/agent.hpp"

#include <optional>

namespace mailctl {

struct RcptAnswer {
    enum class Kind {
        accepted,
        decided,    // a computed answer, 4xx or 5xx
        not_ours,   // decided: the recipient's domain is not of this site
        unknowable, // nobody can tell now, 451
    } kind = Kind::unknowable;
    LmtpReply reply;
    std::optional<Plan> plan = {}; // absent where there is none
};
// `declared`: the size of the message as the client announced it.
[[nodiscard]] RcptAnswer answer_rcpt(Agent& agent, const View& view, const Sender& sender, const Address& recipient,
                                     const std::optional<ByteCount>& declared);

} // namespace mailctl
