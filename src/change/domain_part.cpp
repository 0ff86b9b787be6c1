// SPDX-License-Identifier: Apache-2.0
// Entity by entity.
#include "mailctl/change/domain_part.hpp"

#include "mailctl/routing/lookup.hpp"

namespace mailctl {

namespace {

Domain head_of(const Domain& domain) {
    Domain head(domain.name);
    head.aliases = domain.aliases;
    head.state = domain.state;
    head.source_ip = domain.source_ip;
    head.source_ip_chosen = domain.source_ip_chosen;
    head.relay_to = domain.relay_to;
    head.unknown = domain.unknown;
    head.tls = domain.tls;
    for (const auto& ban : domain.banished)
        if (ban.is_pattern()) head.banished.push_back(ban);
    return head;
}

template <class Entity>
void keep_different(const std::map<std::string, Entity>& before, const std::map<std::string, Entity>& after,
                    std::map<std::string, Entity>& old_part, std::map<std::string, Entity>& new_part) {
    for (const auto& [name, entity] : before) {
        const auto found = after.find(name);
        if (found != after.end() && found->second == entity) continue;
        old_part.emplace(name, entity);
        if (found != after.end()) new_part.emplace(name, found->second);
    }
    for (const auto& [name, entity] : after)
        if (!before.contains(name)) new_part.emplace(name, entity);
}

void add_names(const Domain& domain, std::set<std::string>& names) {
    for (const auto& [name, unused] : name_entries(domain))
        names.insert(name);
    for (const auto& [name, unused] : banished_entries(domain))
        names.insert(name);
}

} // namespace

DomainPart changed_part(const std::optional<Domain>& before, const std::optional<Domain>& after) {
    DomainPart part;
    if (!before || !after || head_of(*before) != head_of(*after)) {
        part = {before, after, true, {}};
        for (const auto* side : {&before, &after})
            if (*side) add_names(**side, part.names);
        return part;
    }
    part.before = head_of(*before);
    part.after = head_of(*after);
    keep_different(before->mailboxes, after->mailboxes, part.before->mailboxes, part.after->mailboxes);
    keep_different(before->forwards, after->forwards, part.before->forwards, part.after->forwards);
    keep_different(before->robots, after->robots, part.before->robots, part.after->robots);
    keep_different(before->lists, after->lists, part.before->lists, part.after->lists);
    keep_different(before->elsewhere, after->elsewhere, part.before->elsewhere, part.after->elsewhere);
    add_names(*part.before, part.names);
    add_names(*part.after, part.names);
    const auto old_bans = banished_entries(*before), new_bans = banished_entries(*after);
    for (const auto& [banned, answer] : old_bans)
        if (const auto found = new_bans.find(banned); found == new_bans.end() || found->second != answer)
            part.names.insert(banned);
    for (const auto& [banned, answer] : new_bans)
        if (!old_bans.contains(banned)) part.names.insert(banned);
    return part;
}

} // namespace mailctl
