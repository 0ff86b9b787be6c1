// SPDX-License-Identifier: Apache-2.0
// Forwarding: what of a message leaves for the MTA. The sender is rewritten (SRS) where the site wants it so, the null
// sender stays, Delivered-To names the address of ours that forwards. One bad target does not stop the others.
#pragma once

#include "mailctl/delivery/transaction.hpp"

namespace mailctl {

// Hands over every message that somebody waits for. A failure settles its recipients with 4xx; a target that the next
// hop refuses for good is noted.
void hand_over(const std::vector<PlannedInjection>& injections, Transaction& transaction);

// After the verdicts: tells the sender of full mailboxes and refused targets of recipients who were served otherwise.
// A courtesy: failing to send it changes no answer. Nothing goes to the null sender, nor to lists and machines.
void send_bounce(const Transaction& transaction);

} // namespace mailctl
