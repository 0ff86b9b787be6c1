// SPDX-License-Identifier: Apache-2.0
// The rows of a domain, and a Lookup that keeps them in memory.
#include "mailctl/routing/lookup.hpp"

#include "mailctl/base/text.hpp"

namespace mailctl {

namespace {

// An empty message switches off (specification 3); an HTML form alone is a message too.
template <class Text>
bool answers(const Text& text) {
    return text.enabled && !(text.message.empty() && text.html.empty());
}

MailboxEntry mailbox_entry(const std::string& name, const Mailbox& mailbox) {
    MailboxEntry entry{name, mailbox.quota, mailbox.store, mailbox.forward, mailbox.suspend};
    entry.forward.insert(entry.forward.end(), mailbox.copy_to.begin(), mailbox.copy_to.end());
    entry.has_autoreply = mailbox.autoreply && answers(*mailbox.autoreply);
    return entry;
}

ForwardEntry owner_entry(const Domain& domain, const List& list) {
    return {{list.owner.value_or(Address{LocalPart::from_trusted("postmaster"), domain.name})}};
}

template <class Text>
ResponderEntry responder_entry(ResponderEntry::Kind kind, const std::string& name, const Text& text) {
    ResponderEntry entry;
    entry.kind = kind;
    entry.own_names = {name};
    entry.from = text.from;
    entry.subject = text.subject;
    entry.message = text.message;
    entry.html = text.html;
    entry.attach = text.attach;
    entry.every = text.every;
    return entry;
}

std::optional<ResponderEntry> autoreply_entry(const std::string& name, const Mailbox& mailbox) {
    if (!mailbox.autoreply || !answers(*mailbox.autoreply)) return std::nullopt;
    auto entry = responder_entry(ResponderEntry::Kind::autoreply, name, *mailbox.autoreply);
    entry.own_names.insert(entry.own_names.end(), mailbox.aliases.begin(), mailbox.aliases.end());
    entry.name = mailbox.name;
    entry.start = mailbox.autoreply->start;
    entry.end = mailbox.autoreply->end;
    return entry;
}

NameEntry name_entry(const Forward& forward) { return ForwardEntry{forward.to}; }
NameEntry name_entry(const Robot& robot) { return RobotEntry{answers(robot), robot.copy_to}; }
NameEntry name_entry(const List& list) { return ListEntry{list.members, list.post}; }
NameEntry name_entry(const Elsewhere& other) { return ElsewhereEntry{other.node}; }

constexpr std::string_view owner_ending = "-owner";

} // namespace

Result<std::optional<Ban>> find_ban(const Lookup& lookup, const DomainEntry& domain, const std::string& local_key) {
    TRY_ASSIGN(const auto exact, lookup.find_banished(domain.name, local_key));
    if (exact) return Ban{local_key, *exact};
    for (const Ban& pattern : domain.patterns)
        if (matches_glob(pattern.name, local_key)) return pattern;
    return std::nullopt;
}

DomainEntry domain_entry(const Domain& domain, DomainRelation relation) {
    DomainEntry entry{domain.name,    relation, domain.state == DomainState::suspended,
                      domain.unknown, {},       domain.relay_to};
    for (const Ban& ban : domain.banished)
        if (ban.is_pattern()) entry.patterns.push_back(ban);
    return entry;
}

std::map<std::string, NameEntry> name_entries(const Domain& domain) {
    std::map<std::string, NameEntry> entries;
    for (const auto& [name, mailbox] : domain.mailboxes)
        entries.emplace(name, mailbox_entry(name, mailbox));
    for (const auto& [name, forward] : domain.forwards)
        entries.emplace(name, name_entry(forward));
    for (const auto& [name, robot] : domain.robots)
        entries.emplace(name, name_entry(robot));
    for (const auto& [name, list] : domain.lists)
        entries.emplace(name, name_entry(list));
    for (const auto& [name, other] : domain.elsewhere)
        entries.emplace(name, name_entry(other));
    for (const auto& [name, mailbox] : domain.mailboxes)
        for (const auto& alias : mailbox.aliases)
            entries.emplace(alias, mailbox_entry(name, mailbox));
    for (const auto& [name, list] : domain.lists)
        entries.emplace(list_owner_name(name), owner_entry(domain, list));
    return entries;
}

std::map<std::string, ResponderEntry> responder_entries(const Domain& domain) {
    std::map<std::string, ResponderEntry> entries;
    for (const auto& [name, mailbox] : domain.mailboxes)
        if (auto entry = autoreply_entry(name, mailbox)) entries.emplace(name, std::move(*entry));
    for (const auto& [name, robot] : domain.robots)
        if (answers(robot)) entries.emplace(name, responder_entry(ResponderEntry::Kind::robot, name, robot));
    return entries;
}

std::string list_owner_name(std::string_view list) { return std::string(list).append(owner_ending); }

std::map<std::string, BanAnswer> banished_entries(const Domain& domain) {
    std::map<std::string, BanAnswer> entries;
    for (const Ban& ban : domain.banished)
        if (!ban.is_pattern()) entries.emplace(ban.name, ban.answer);
    return entries;
}

namespace {

std::vector<const Domain*> all_of(const ModelLookup::Domains& domains) {
    std::vector<const Domain*> all;
    all.reserve(domains.size());
    for (const auto& [unused, domain] : domains)
        all.push_back(&domain);
    return all;
}

} // namespace

ModelLookup::ModelLookup(const Site& site, const Domains& domains) : ModelLookup(site, all_of(domains)) {}

ModelLookup::ModelLookup(const Site& site, std::span<const Domain* const> domains) {
    for (const auto* domain : domains) {
        domains_.emplace(domain->name, Indexed(*domain));
        for (const auto& alias : domain->aliases)
            other_names_.emplace(alias, OtherName{domain->name, DomainRelation::alias});
    }
    if (!site.alternate_suffix) return;
    for (const auto* domain : domains)
        other_names_.emplace(alternate_name(domain->name, *site.alternate_suffix),
                             OtherName{domain->name, DomainRelation::alternate});
}

ModelLookup::Indexed::Indexed(const Domain& indexed) : domain(&indexed), banished(banished_entries(indexed)) {
    for (const auto& mailbox : domain->mailboxes)
        for (const auto& alias : mailbox.second.aliases)
            aliases.emplace(alias, &mailbox);
}

Result<std::optional<DomainEntry>> ModelLookup::find_domain(const DomainName& name) const {
    if (const auto found = domains_.find(name); found != domains_.end())
        return domain_entry(*found->second.domain, DomainRelation::itself);
    const auto other = other_names_.find(name);
    if (other == other_names_.end()) return std::nullopt;
    return domain_entry(*domains_.at(other->second.real).domain, other->second.relation);
}

// The same precedence as that of name_entries.
Result<std::optional<NameEntry>> ModelLookup::find_name(const DomainName& domain, std::string_view local_key) const {
    const auto found = domains_.find(domain);
    if (found == domains_.end()) return std::nullopt;
    const Domain& model = *found->second.domain;
    const std::string name(local_key);
    if (const auto mailbox = model.mailboxes.find(name); mailbox != model.mailboxes.end())
        return mailbox_entry(name, mailbox->second);
    if (const auto forward = model.forwards.find(name); forward != model.forwards.end())
        return name_entry(forward->second);
    if (const auto robot = model.robots.find(name); robot != model.robots.end()) return name_entry(robot->second);
    if (const auto list = model.lists.find(name); list != model.lists.end()) return name_entry(list->second);
    if (const auto other = model.elsewhere.find(name); other != model.elsewhere.end()) return name_entry(other->second);
    if (const auto alias = found->second.aliases.find(local_key); alias != found->second.aliases.end())
        return mailbox_entry(alias->second->first, alias->second->second);
    if (!name.ends_with(owner_ending)) return std::nullopt;
    const auto list = model.lists.find(name.substr(0, name.size() - owner_ending.size()));
    if (list == model.lists.end()) return std::nullopt;
    return owner_entry(model, list->second);
}

Result<std::optional<BanAnswer>> ModelLookup::find_banished(const DomainName& domain,
                                                            std::string_view local_key) const {
    const auto found = domains_.find(domain);
    if (found == domains_.end()) return std::nullopt;
    const auto ban = found->second.banished.find(std::string(local_key));
    if (ban == found->second.banished.end()) return std::nullopt;
    return ban->second;
}

Result<std::optional<ResponderEntry>> ModelLookup::find_responder(const DomainName& domain,
                                                                  std::string_view local_key) const {
    const auto found = domains_.find(domain);
    if (found == domains_.end()) return std::nullopt;
    const Domain& model = *found->second.domain;
    const std::string name(local_key);
    if (const auto mailbox = model.mailboxes.find(name); mailbox != model.mailboxes.end())
        if (auto entry = autoreply_entry(name, mailbox->second)) return entry;
    const auto robot = model.robots.find(name);
    if (robot == model.robots.end() || !answers(robot->second)) return std::nullopt;
    return responder_entry(ResponderEntry::Kind::robot, name, robot->second);
}

} // namespace mailctl
