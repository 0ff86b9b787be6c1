// SPDX-License-Identifier: Apache-2.0
// From the plans of all recipients to one plan for the transaction: each mailbox gets one copy and each forward target
// one message however many recipients lead there; who is written to directly and through a list gets the direct copy.
// Loops end here, and mail that a list does not send on. Pure.
#pragma once

#include "mailctl/delivery/envelope.hpp"
#include "mailctl/mail/message.hpp"

namespace mailctl {

using Dependents = std::vector<std::size_t>; // indices of recipients

struct PlannedCopy {
    LocalDelivery place;
    Dependents recipients;
    Dependents content = {}; // recipients that lead here by a list: served by this direct copy, not failed by it
};
struct PlannedTarget {
    Address to;
    Dependents recipients;
    Dependents content = {}; // as above
};
struct PlannedInjection {        // one message to the MTA
    Address by;                  // the address of ours that forwards
    std::optional<Address> list; // that sends it, to its members
    std::vector<PlannedTarget> targets;
    std::string relay = {};   // "host:port" of the customer's server it is for, with its sender as it is; "" = none
    bool within_site = false; // to other machines of ours, with its sender as it is
};
struct PlannedHold {
    HoldDelivery place;
    Dependents recipients;
};
struct LeftOut { // a list that does not send the message on, while something else is done for the recipient
    std::size_t recipient;
    Address list;
    std::string why;
};
struct TransactionPlan {
    std::vector<std::optional<Verdict>> verdicts; // per recipient; set where nothing has to be done
    std::vector<PlannedCopy> copies;
    std::vector<PlannedInjection> injections;
    std::vector<LeftOut> left_out;
    std::vector<PlannedHold> holds;
};

// The MTA takes mail for a customer's server at LOCAL@DOMAIN.mailctl-relay.invalid: the real address is ours, and would
// come back. The generated maps send it on, and back to its real name (exchange/maps/postfix_maps).
[[nodiscard]] Address relay_address(const Address& to);

// Loop tests (delivery C5, C7): a message that was delivered to the forwarding address before, and one with over
// `max_hops` Received lines, gets 554 5.4.6. A mailbox that has seen the message is left out where something else is
// done for the recipient: it has its copy. Where all that is to be done is to store it, it is stored: it goes no
// further.
//
// Mail that this host passed on to another machine of the site before is no loop that somebody made: one of the two
// machines is behind, and it waits (451 4.4.6).
//
// Lists: one whose List-Id the message carries gets 554 5.4.6; what a program wrote is accepted and lost. A recipient
// that also leads elsewhere is served there.
[[nodiscard]] TransactionPlan plan_delivery(const Envelope& envelope, const HeaderSection& header, unsigned max_hops);

// The step that decided, for the journal: "unknown: redirect to b@example.com".
[[nodiscard]] std::string deciding_rule(const Plan& plan);

} // namespace mailctl
