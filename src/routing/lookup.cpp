// The rows of a domain, and a Lookup that keeps them in memory.
#include "mailctl/routing/lookup.hpp"

namespace mailctl {

namespace {

MailboxEntry mailbox_entry(const std::string& name, const Mailbox& mailbox) {
    MailboxEntry entry{name, mailbox.quota, mailbox.store, mailbox.forward, mailbox.suspend};
    entry.forward.insert(entry.forward.end(), mailbox.copy_to.begin(), mailbox.copy_to.end());
    return entry;
}

} // namespace

DomainEntry domain_entry(const Domain& domain, DomainRelation relation) {
    DomainEntry entry{domain.name, relation, domain.state == DomainState::suspended, domain.unknown, {}};
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
        entries.emplace(name, PendingEntry{PendingEntry::Kind::robot});
    for (const auto& [name, list] : domain.lists)
        entries.emplace(name, PendingEntry{PendingEntry::Kind::list});
    for (const auto& [name, mailbox] : domain.mailboxes)
        for (const auto& alias : mailbox.aliases)
            entries.emplace(alias, mailbox_entry(name, mailbox));
    return entries;
}

std::map<std::string, BanAnswer> banished_entries(const Domain& domain) {
    std::map<std::string, BanAnswer> entries;
    for (const Ban& ban : domain.banished)
        if (!ban.is_pattern()) entries.emplace(ban.name, ban.answer);
    return entries;
}

ModelLookup::ModelLookup(const Site& site, const Domains& domains) {
    for (const auto& [name, domain] : domains) {
        rows_.emplace(
            name, Rows{domain_entry(domain, DomainRelation::itself), name_entries(domain), banished_entries(domain)});
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

} // namespace mailctl
