// The rows of a domain, and a Lookup that keeps them in memory.
#include "mailctl/routing/lookup.hpp"

#include "mailctl/base/text.hpp"

namespace mailctl {

namespace {

// An empty message switches off (SPEC 3); an HTML form alone is a message too.
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
        entries.emplace(name, ForwardEntry{forward.to});
    for (const auto& [name, robot] : domain.robots)
        entries.emplace(name, RobotEntry{answers(robot), robot.copy_to});
    for (const auto& [name, list] : domain.lists)
        entries.emplace(name, ListEntry{list.members, list.post});
    for (const auto& [name, mailbox] : domain.mailboxes)
        for (const auto& alias : mailbox.aliases)
            entries.emplace(alias, mailbox_entry(name, mailbox));
    for (const auto& [name, list] : domain.lists)
        entries.emplace(list_owner_name(name), owner_entry(domain, list));
    return entries;
}

std::map<std::string, ResponderEntry> responder_entries(const Domain& domain) {
    std::map<std::string, ResponderEntry> entries;
    for (const auto& [name, mailbox] : domain.mailboxes) {
        if (!mailbox.autoreply || !answers(*mailbox.autoreply)) continue;
        auto entry = responder_entry(ResponderEntry::Kind::autoreply, name, *mailbox.autoreply);
        entry.own_names.insert(entry.own_names.end(), mailbox.aliases.begin(), mailbox.aliases.end());
        entry.name = mailbox.name;
        entry.start = mailbox.autoreply->start;
        entry.end = mailbox.autoreply->end;
        entries.emplace(name, std::move(entry));
    }
    for (const auto& [name, robot] : domain.robots)
        if (answers(robot)) entries.emplace(name, responder_entry(ResponderEntry::Kind::robot, name, robot));
    return entries;
}

std::string list_owner_name(std::string_view list) { return std::string(list) + "-owner"; }

std::map<std::string, BanAnswer> banished_entries(const Domain& domain) {
    std::map<std::string, BanAnswer> entries;
    for (const Ban& ban : domain.banished)
        if (!ban.is_pattern()) entries.emplace(ban.name, ban.answer);
    return entries;
}

ModelLookup::ModelLookup(const Site& site, const Domains& domains) {
    for (const auto& [name, domain] : domains) {
        rows_.emplace(name, Rows{domain_entry(domain, DomainRelation::itself), name_entries(domain),
                                 banished_entries(domain), responder_entries(domain)});
        for (const auto& alias : domain.aliases)
            other_names_.emplace(alias, OtherName{name, DomainRelation::alias});
    }
    if (!site.alternate_suffix) return;
    for (const auto& [name, domain] : domains)
        other_names_.emplace(alternate_name(name, *site.alternate_suffix), OtherName{name, DomainRelation::alternate});
}

Result<std::optional<DomainEntry>> ModelLookup::find_domain(const DomainName& name) const {
    if (const auto row = rows_.find(name); row != rows_.end()) return row->second.entry;
    const auto other = other_names_.find(name);
    if (other == other_names_.end()) return std::nullopt;
    auto entry = rows_.at(other->second.real).entry;
    entry.relation = other->second.relation;
    return entry;
}

Result<std::optional<NameEntry>> ModelLookup::find_name(const DomainName& domain, std::string_view local_key) const {
    const auto row = rows_.find(domain);
    if (row == rows_.end()) return std::nullopt;
    const auto name = row->second.names.find(std::string(local_key));
    if (name == row->second.names.end()) return std::nullopt;
    return name->second;
}

Result<std::optional<BanAnswer>> ModelLookup::find_banished(const DomainName& domain,
                                                            std::string_view local_key) const {
    const auto row = rows_.find(domain);
    if (row == rows_.end()) return std::nullopt;
    const auto ban = row->second.banished.find(std::string(local_key));
    if (ban == row->second.banished.end()) return std::nullopt;
    return ban->second;
}

Result<std::optional<ResponderEntry>> ModelLookup::find_responder(const DomainName& domain,
                                                                  std::string_view local_key) const {
    const auto row = rows_.find(domain);
    if (row == rows_.end()) return std::nullopt;
    const auto responder = row->second.responders.find(std::string(local_key));
    if (responder == row->second.responders.end()) return std::nullopt;
    return responder->second;
}

} // namespace mailctl
