// SPDX-License-Identifier: Apache-2.0
// deliver: carries out what was decided for a message, in the order that loses nothing (specification 4, "Order of
// commit"): stage local copies, hand over forwards, publish local copies, answer, write the journal. Each recipient has
// its own answer; an Error is never a bounce, only a computed decision is.
#pragma once

#include "mailctl/delivery/transaction.hpp"

namespace mailctl {

// One reply per recipient, in their order. Never throws.
//
// 4xx where the copies of a recipient could not all be made durable or a forward of it not be handed over; staged
// copies that only such recipients wanted are discarded. What has been handed over or published by then stays: trying
// again may make a second copy of that, never lose one. A forward that the next hop refuses for good is the recipient's
// refusal, with the next hop's code (553 5.6.7, 552 5.3.4, 554 5.7.1; 550 5.1.1 where the address is bad), if it was
// all there was to deliver; where something else was accepted the sender gets a bounce notice. What the next hop has
// against us (5.5.x, 530) waits.
//
// A list has accepted the mail as soon as it can send it: who wrote to it hears nothing of single members. A copy for a
// member that cannot be made now (full, broken, stuck) does not stop the others: it is handed to the MTA as mail for
// the member alone, waits there, and if it cannot be delivered at last bounces to the owner of the list. A member's
// target that the next hop refuses is told to the owner.
[[nodiscard]] std::vector<LmtpReply> deliver(const Envelope& envelope, MessageContent& content, Instant when,
                                             const DeliverySettings& settings, const DeliveryServices& services);

} // namespace mailctl
