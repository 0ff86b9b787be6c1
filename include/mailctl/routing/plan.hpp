// SPDX-License-Identifier: Apache-2.0
// Plan: what will become of mail for one recipient, and why. Computed by resolve() without side effects; printed by
// `mailctl explain`, carried out by the delivery agent. Same value, both ways.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailctl {

// One rule that was tried (specification 4, steps 1 to 6), in order; the last one that matched decided.
struct Step {
    std::string rule;    // "domain", "banished", "exact name", "detail", "candidate", "catchrest", "unknown", "expand"
    std::string subject; // the address or name the rule was tried on
    std::string outcome; // "not found", "mailbox 'paul'", "redirect to ..."
    bool matched = false;
    bool operator==(const Step&) const = default;
};

// Put a copy into a mailbox of ours.
struct LocalDelivery {
    Address mailbox;    // canonical: real domain, mailbox's own local part
    std::string folder; // "" = INBOX; otherwise the detail, to be used only if that folder exists
    ByteCount quota;    // 0 = no limit
    bool by_catch_all = false;
    std::optional<Address> list = {}; // the list that sends it here; its owner address becomes the envelope sender
    bool operator==(const LocalDelivery&) const = default;
};
// Hand a copy to the MTA for an address elsewhere.
struct ForwardDelivery {
    Address to;
    Address by; // the address of ours that forwards: value of Delivered-To, owner of the SRS rewrite
    bool by_catch_all = false;
    std::optional<Address> list = {}; // as above
    std::string node = {}; // "" = outside; else the machine of this site that has `to`: the sender stays as it is
    bool operator==(const ForwardDelivery&) const = default;
};
// Keep a copy apart until the administrator decides: an unknown name of a domain that records candidates, or a
// suspended mailbox with receive = hold. Whether there is room for one more candidate is not the resolver's to know.
struct HoldDelivery {
    enum class Why { candidate, suspended } why = Why::candidate;
    Address name; // real domain; a candidate's name without its detail, or the mailbox's own
    bool operator==(const HoldDelivery&) const = default;
};
// Pass a copy on to the customer's own server, sender and recipient as they are.
struct RelayDelivery {
    Address to;
    std::string server; // "host:port"
    bool operator==(const RelayDelivery&) const = default;
};
using Delivery = std::variant<LocalDelivery, ForwardDelivery, HoldDelivery, RelayDelivery>;

struct Deliver { // never both empty
    std::vector<Delivery> deliveries;
    // Robots and mailboxes with an autoreply that may answer once all deliveries are done: canonical addresses, their
    // texts come from Lookup::find_responder. Whether they do answer the message decides.
    std::vector<Address> responders = {};
    bool operator==(const Deliver&) const = default;
};
struct Discard { // accept and lose, as configured
    bool operator==(const Discard&) const = default;
};
// A computed refusal: the only thing that may become a 5xx. code 550..., enhanced "5.1.1" (RFC 3463).
struct Reject {
    int code = 550;
    std::string enhanced, text;
    bool operator==(const Reject&) const = default;
};
// A computed "not now": suspended with receive = defer, a limit exceeded, a kind not acted on yet.
struct Defer {
    int code = 451;
    std::string enhanced, text;
    bool operator==(const Defer&) const = default;
};
using Outcome = std::variant<Deliver, Discard, Reject, Defer>;

// The entry of `banished` that took the mail.
struct BanHit {
    DomainName domain;
    std::string name; // as the domain file has it: exact or a pattern
    bool operator==(const BanHit&) const = default;
};

struct Plan {
    Address recipient; // as asked
    Address resolved;  // after domain alias and alternate domain
    std::vector<Step> walk;
    Outcome outcome;
    std::optional<BanHit> banned = {}; // the recipient itself is banished
    bool operator==(const Plan&) const = default;
};

// The text of a Defer for an address whose only way ends at a name that nobody has.
inline constexpr std::string_view leads_to_nothing = "the address this leads to does not exist";

// Whether the recipient is refused because his domain is not of this site: an MTA that asks may know better.
[[nodiscard]] bool is_elsewhere(const Plan& plan);

} // namespace mailctl
