// SPDX-License-Identifier: Apache-2.0
#include "step_text.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {

std::string relation_text(const DomainEntry& domain) {
    switch (domain.relation) {
    case DomainRelation::itself:
        return "a domain of this site";
    case DomainRelation::alias:
        return fmt::format("alias of '{}'", domain.name.display());
    case DomainRelation::alternate:
        return fmt::format("alternate name of '{}'", domain.name.display());
    }
    return {};
}

std::string ban_text(const Ban& ban) {
    return fmt::format("'{}' = {}", ban.name, ban.answer == BanAnswer::discard ? "discard" : "reject");
}

std::string entry_text(const NameEntry& entry, const std::string& key) {
    if (const auto* mailbox = std::get_if<MailboxEntry>(&entry))
        return fmt::format(fmt::runtime(mailbox->mailbox == key ? "mailbox '{}'" : "alias of mailbox '{}'"),
                           mailbox->mailbox);
    if (const auto* robot = std::get_if<RobotEntry>(&entry))
        return fmt::format("robot '{}'{}", key, robot->answers ? "" : ", switched off");
    if (const auto* other = std::get_if<ElsewhereEntry>(&entry)) return fmt::format("on node '{}'", other->node);
    return fmt::format("{} '{}'", std::holds_alternative<ListEntry>(entry) ? "list" : "forward", key);
}

std::string texts(const std::vector<Address>& addresses) {
    std::vector<std::string> parts;
    for (const auto& address : addresses)
        parts.push_back(address.display());
    return join(parts, ", ");
}

} // namespace mailctl
