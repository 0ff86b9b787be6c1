// SPDX-License-Identifier: Apache-2.0
// One message on standard input for recipients given as arguments: the agent as an MTA's pipe command. One exit status
// covers all recipients, so it is all or nothing. Exits 0, or 67, 65, 69, 77 where the refusal was computed for every
// recipient, or 75: whatever is not proven permanent must not bounce (delivery A55 to A61).
#pragma once

#include "mailctl/delivery/agent.hpp"

#include <span>
#include <string>
#include <vector>

namespace mailctl {

struct PipeRequest {
    std::string sender; // "", "<>" and MAILER-DAEMON (what Postfix passes without null_sender=) are the null sender
    std::vector<std::string> recipients;
};
struct PipeResult {
    int status = 75;
    std::string line; // "5.1.1 ...": one line for standard output, which Postfix reads; "" after success
};
// Reads `input` to its end in every case. Errors and exceptions are 75.
[[nodiscard]] PipeResult deliver_pipe(Agent& agent, const PipeRequest& request, int input);

// The exit status of an answer: 0; 67 for unknown users (5.1.x); 65 for loops and bad content (5.4.x, 5.6.x); 69 for
// full mailboxes (5.2.2); 77 for all other computed refusals; 75.
[[nodiscard]] int pipe_status(const LmtpReply& reply);

} // namespace mailctl
