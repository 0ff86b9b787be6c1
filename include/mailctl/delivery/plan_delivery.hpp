// From the plans of all recipients to one plan for the transaction: each mailbox gets one copy and each forward target
// one message however many recipients lead there. Loops end here. Pure.
#pragma once

#include "mailctl/delivery/envelope.hpp"
#include "mailctl/mail/message.hpp"

namespace mailctl {

using Dependents = std::vector<std::size_t>; // indices of recipients

struct PlannedCopy {
    LocalDelivery place;
    Dependents recipients;
};
struct PlannedTarget {
    Address to;
    Dependents recipients;
};
struct PlannedInjection { // one message to the MTA
    Address by;           // the address of ours that forwards
    std::vector<PlannedTarget> targets;
};
struct TransactionPlan {
    std::vector<std::optional<Verdict>> verdicts; // per recipient; set where nothing has to be done
    std::vector<PlannedCopy> copies;
    std::vector<PlannedInjection> injections;
};

// Loop tests (delivery.md C5, C7): a message that was delivered to the forwarding address before, or to every mailbox
// it is for, and one with over `max_hops` Received lines, gets 554 5.4.6. A mailbox that alone has seen the message is
// left out: it has its copy.
[[nodiscard]] TransactionPlan plan_delivery(const Envelope& envelope, const HeaderSection& header, unsigned max_hops);

// The step that decided, for the journal: "unknown: redirect to b@example.com".
[[nodiscard]] std::string deciding_rule(const Plan& plan);

} // namespace mailctl
