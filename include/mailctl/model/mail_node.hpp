// SPDX-License-Identifier: Apache-2.0
// MailNode: a machine that holds mail, and where a mailbox or a domain lives. Each mailbox lives on exactly one
// machine; one that names none is on the machine of its domain, and a domain that names none is on the administration
// host itself.
#pragma once

#include "mailctl/model/domain.hpp"

#include <map>
#include <string>

namespace mailctl {

enum class NodeState { up, draining, down }; // draining, down: front ends defer its mail

struct MailNode {
    std::string lmtp; // "10.0.0.7:24", "[2001:db8::7]:24", "store1.example.net:24"
    std::string imap; // an IP address
    NodeState state = NodeState::up;
    std::string mail; // of its mail root, for those that copy: "HOST:PATH" or a path; "" = not said
    bool operator==(const MailNode&) const = default;
};
using MailNodes = std::map<std::string, MailNode>; // by name

// The name of the machine that has the mail of these; "" = the administration host.
[[nodiscard]] inline const std::string& node_of(const Domain& domain, const Mailbox& mailbox) {
    return mailbox.node.empty() ? domain.node : mailbox.node;
}
// Of an account or a name that need not be there: what is no mailbox with a node of its own is where the domain is.
[[nodiscard]] const std::string& node_of(const Domain& domain, const std::string& local);

// From one machine to another. Meanwhile both know it, and neither takes mail or a login for it.
struct MailMove {
    std::string source, target;
    bool operator==(const MailMove&) const = default;
};
[[nodiscard]] std::optional<MailMove> move_of(const Domain& domain);
// Its own, or its domain's where it lives there.
[[nodiscard]] std::optional<MailMove> move_of(const Domain& domain, const Mailbox& mailbox);

[[nodiscard]] std::string_view node_state_word(NodeState state); // "up", "draining", "down"

} // namespace mailctl
