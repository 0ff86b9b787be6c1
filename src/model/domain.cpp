// SPDX-License-Identifier: Apache-2.0
// Questions about a domain that need nothing but its own values.
#include "mailctl/model/domain.hpp"

#include "mailctl/model/mail_node.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

std::optional<std::string> holder_of(const Domain& domain, std::string_view local_key) {
    const std::string name(local_key);
    if (domain.mailboxes.contains(name)) return fmt::format("mailbox '{}'", name);
    if (domain.forwards.contains(name)) return fmt::format("forward '{}'", name);
    if (domain.robots.contains(name)) return fmt::format("robot '{}'", name);
    if (domain.lists.contains(name)) return fmt::format("list '{}'", name);
    if (domain.elsewhere.contains(name)) return fmt::format("a name on node '{}'", domain.elsewhere.at(name).node);
    for (const auto& [owner, mailbox] : domain.mailboxes)
        if (std::ranges::find(mailbox.aliases, name) != mailbox.aliases.end())
            return fmt::format("alias of mailbox '{}'", owner);
    const auto is_exact = [&](const Ban& ban) { return !ban.is_pattern() && ban.name == name; };
    if (std::ranges::any_of(domain.banished, is_exact)) return fmt::format("banished name '{}'", name);
    return std::nullopt;
}

ByteCount total_quota(const Domain& domain) {
    ByteCount total;
    for (const auto& [unused, mailbox] : domain.mailboxes)
        total.bytes += mailbox.quota.bytes;
    return total;
}

const std::string& node_of(const Domain& domain, const std::string& local) {
    if (const auto own = domain.mailboxes.find(local); own != domain.mailboxes.end())
        return node_of(domain, own->second);
    for (const auto& [unused, mailbox] : domain.mailboxes)
        if (std::ranges::find(mailbox.aliases, local) != mailbox.aliases.end()) return node_of(domain, mailbox);
    return domain.node;
}

std::optional<MailMove> move_of(const Domain& domain) {
    if (domain.move_to.empty()) return std::nullopt;
    return MailMove{domain.node, domain.move_to};
}

std::optional<MailMove> move_of(const Domain& domain, const Mailbox& mailbox) {
    if (!mailbox.move_to.empty()) return MailMove{node_of(domain, mailbox), mailbox.move_to};
    return node_of(domain, mailbox) == domain.node ? move_of(domain) : std::nullopt;
}

std::string_view node_state_word(NodeState state) {
    if (state == NodeState::up) return "up";
    return state == NodeState::draining ? "draining" : "down";
}

bool in_force(const Suspension& suspension, Date today) { return !suspension.until || today <= *suspension.until; }

DomainName alternate_name(const DomainName& domain, const DomainName& suffix) {
    auto label = domain.text();
    std::erase(label, '.');
    return DomainName::from_trusted(label + '.' + suffix.text());
}

bool holds_mail(const Mailbox& mailbox) {
    return mailbox.suspend && mailbox.suspend->receive == SuspendedReceive::hold;
}

} // namespace mailctl
