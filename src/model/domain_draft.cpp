// SPDX-License-Identifier: Apache-2.0
// An overlay: what was touched stands in accounts_, everything else is looked up in the domain before.
#include "mailctl/model/domain_draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

template <class T>
struct Table;
template <>
struct Table<Mailbox> {
    static constexpr auto kind = AccountKind::mailbox;
    static const auto& of(const Domain& domain) { return domain.mailboxes; }
};
template <>
struct Table<Forward> {
    static constexpr auto kind = AccountKind::forward;
    static const auto& of(const Domain& domain) { return domain.forwards; }
};
template <>
struct Table<Robot> {
    static constexpr auto kind = AccountKind::robot;
    static const auto& of(const Domain& domain) { return domain.robots; }
};
template <>
struct Table<List> {
    static constexpr auto kind = AccountKind::list;
    static const auto& of(const Domain& domain) { return domain.lists; }
};
template <>
struct Table<Elsewhere> {
    static constexpr auto kind = AccountKind::elsewhere;
    static const auto& of(const Domain& domain) { return domain.elsewhere; }
};
template <>
struct Table<Ban> {
    static constexpr auto kind = AccountKind::banished;
};

template <class T>
const T* look_up(const Domain& domain, const std::string& local) {
    if constexpr (std::is_same_v<T, Ban>) {
        const auto found = std::ranges::find(domain.banished, local, &Ban::name);
        return found == domain.banished.end() ? nullptr : &*found;
    } else {
        const auto& table = Table<T>::of(domain);
        const auto found = table.find(local);
        return found == table.end() ? nullptr : &found->second;
    }
}

template <class T>
std::optional<Account> copy_of(const Domain& domain, const std::string& local) {
    const auto* found = look_up<T>(domain, local);
    return found ? std::optional<Account>(*found) : std::nullopt;
}

bool has_alias(const Mailbox& mailbox, std::string_view alias) {
    return std::ranges::find(mailbox.aliases, alias) != mailbox.aliases.end();
}

void store_in(Domain& domain, const std::string& local, Account account) {
    if (auto* mailbox = std::get_if<Mailbox>(&account)) domain.mailboxes[local] = std::move(*mailbox);
    if (auto* forward = std::get_if<Forward>(&account)) domain.forwards[local] = std::move(*forward);
    if (auto* robot = std::get_if<Robot>(&account)) domain.robots[local] = std::move(*robot);
    if (auto* list = std::get_if<List>(&account)) domain.lists[local] = std::move(*list);
    if (auto* other = std::get_if<Elsewhere>(&account)) domain.elsewhere[local] = std::move(*other);
    if (auto* ban = std::get_if<Ban>(&account)) {
        const auto found = std::ranges::find(domain.banished, local, &Ban::name);
        if (found == domain.banished.end())
            domain.banished.push_back(std::move(*ban));
        else
            *found = std::move(*ban);
    }
}

void remove_from(Domain& domain, AccountKind kind, const std::string& local) {
    switch (kind) {
    case AccountKind::mailbox:
        domain.mailboxes.erase(local);
        return;
    case AccountKind::forward:
        domain.forwards.erase(local);
        return;
    case AccountKind::robot:
        domain.robots.erase(local);
        return;
    case AccountKind::list:
        domain.lists.erase(local);
        return;
    case AccountKind::elsewhere:
        domain.elsewhere.erase(local);
        return;
    case AccountKind::banished:
        std::erase_if(domain.banished, [&](const Ban& ban) { return ban.name == local; });
        return;
    case AccountKind::alias:
        return;
    }
}

// Account by account: removals, then what is new or differs.
template <class T>
void compare_tables(const std::map<std::string, T>& before, const std::map<std::string, T>& after,
                    DomainDraft& change) {
    for (const auto& [local, unused] : before)
        if (!after.contains(local)) change.remove(Table<T>::kind, local);
    for (const auto& [local, account] : after) {
        const auto found = before.find(local);
        if (found == before.end() || found->second != account) change.put(local, account);
    }
}

} // namespace

Domain settings_of(const Domain& domain) {
    Domain settings(domain.name);
    static_cast<DomainSettings&>(settings) = domain;
    return settings;
}

std::optional<Account> find_account(const Domain& domain, AccountKind kind, const std::string& local) {
    switch (kind) {
    case AccountKind::mailbox:
        return copy_of<Mailbox>(domain, local);
    case AccountKind::forward:
        return copy_of<Forward>(domain, local);
    case AccountKind::robot:
        return copy_of<Robot>(domain, local);
    case AccountKind::list:
        return copy_of<List>(domain, local);
    case AccountKind::elsewhere:
        return copy_of<Elsewhere>(domain, local);
    case AccountKind::banished:
        return copy_of<Ban>(domain, local);
    case AccountKind::alias:
        break;
    }
    return std::nullopt;
}

DomainDraft::DomainDraft(const Domain& before) : before_(&before), settings_(settings_of(before)) {}

DomainDraft DomainDraft::between(const Domain& before, const Domain& after) {
    DomainDraft change(before);
    change.settings_ = settings_of(after);
    compare_tables(before.mailboxes, after.mailboxes, change);
    compare_tables(before.forwards, after.forwards, change);
    compare_tables(before.robots, after.robots, change);
    compare_tables(before.lists, after.lists, change);
    compare_tables(before.elsewhere, after.elsewhere, change);
    for (const auto& ban : before.banished)
        if (!look_up<Ban>(after, ban.name)) change.remove(AccountKind::banished, ban.name);
    for (const auto& ban : after.banished)
        if (const auto* earlier = look_up<Ban>(before, ban.name); !earlier || *earlier != ban)
            change.put(ban.name, ban);
    return change;
}

const AccountChange* DomainDraft::touched(AccountKind kind, const std::string& local) const {
    const auto place = places_.find({kind, local});
    return place == places_.end() ? nullptr : &accounts_[place->second];
}

AccountChange& DomainDraft::add(AccountKind kind, const std::string& local) {
    places_.emplace(Id{kind, local}, accounts_.size());
    return accounts_.emplace_back(AccountChange{kind, local, {}, {}});
}

AccountChange* DomainDraft::touch(AccountKind kind, const std::string& local) {
    if (const auto place = places_.find({kind, local}); place != places_.end()) {
        auto& known = accounts_[place->second];
        return known.after && known.local == local ? &known : nullptr;
    }
    auto account = find_account(*before_, kind, local);
    if (!account) return nullptr;
    auto& added = add(kind, local);
    added.before = account;
    added.after = std::move(account);
    return &added;
}

template <class T>
const T* DomainDraft::find(const std::string& local) const {
    if (const auto* change = touched(Table<T>::kind, local))
        return change->after && change->local == local ? &std::get<T>(*change->after) : nullptr;
    return look_up<T>(*before_, local);
}

template <class T>
T* DomainDraft::edit(const std::string& local) {
    auto* change = touch(Table<T>::kind, local);
    return change ? &std::get<T>(*change->after) : nullptr;
}

std::optional<Account> DomainDraft::get(AccountKind kind, const std::string& local) const {
    if (const auto* change = touched(kind, local)) return change->local == local ? change->after : std::nullopt;
    return find_account(*before_, kind, local);
}

void DomainDraft::say(AccountKind kind, const std::string& local, SaidKey key) {
    if (auto* change = touch(kind, local)) change->said.push_back(std::move(key));
}

void DomainDraft::keep_places(AccountKind kind, const std::string& local) {
    if (auto* change = touch(kind, local)) change->in_place = true;
}

void DomainDraft::put(const std::string& local, Account account) {
    const auto kind = kind_of(account);
    if (const auto place = places_.find({kind, local});
        place != places_.end() && accounts_[place->second].local == local) {
        accounts_[place->second].after = std::move(account);
        return;
    }
    places_.erase({kind, local}); // of one that has another name by now
    auto& added = add(kind, local);
    added.before = find_account(*before_, kind, local);
    if (renamed_.contains({kind, local})) added.before.reset();
    added.after = std::move(account);
}

void DomainDraft::put_known(const std::string& local, Account account) {
    const auto kind = kind_of(account);
    put(local, account);
    accounts_[places_.at({kind, local})].known = std::move(account);
}

void DomainDraft::remove(AccountKind kind, const std::string& local) {
    if (auto* change = touch(kind, local)) change->after.reset();
}

void DomainDraft::rename(AccountKind kind, const std::string& from, const std::string& to) {
    auto* change = touch(kind, from);
    if (!change || from == to) return;
    change->local = to;
    if (change->before && change->renamed_from.empty()) {
        change->renamed_from = from;
        renamed_.insert({kind, from});
    }
    places_[{kind, to}] = places_.at({kind, from});
}

std::string DomainDraft::mailbox_with_alias(const std::string& alias) const {
    for (const auto& change : accounts_)
        if (const auto* mailbox = change.after ? std::get_if<Mailbox>(&*change.after) : nullptr)
            if (has_alias(*mailbox, alias)) return change.local;
    for (const auto& [local, mailbox] : before_->mailboxes)
        if (has_alias(mailbox, alias) && !touched(AccountKind::mailbox, local)) return local;
    return {};
}

std::optional<std::string> DomainDraft::holder(std::string_view local_key) const {
    const std::string name(local_key);
    if (find<Mailbox>(name)) return fmt::format("mailbox '{}'", name);
    if (find<Forward>(name)) return fmt::format("forward '{}'", name);
    if (find<Robot>(name)) return fmt::format("robot '{}'", name);
    if (find<List>(name)) return fmt::format("list '{}'", name);
    if (const auto* other = find<Elsewhere>(name)) return fmt::format("a name on node '{}'", other->node);
    if (const auto mailbox = mailbox_with_alias(name); !mailbox.empty())
        return fmt::format("alias of mailbox '{}'", mailbox);
    if (const auto* ban = find<Ban>(name); ban && !ban->is_pattern()) return fmt::format("banished name '{}'", name);
    return std::nullopt;
}

Domain DomainDraft::after() const {
    Domain domain = settings_;
    domain.mailboxes = before_->mailboxes;
    domain.forwards = before_->forwards;
    domain.robots = before_->robots;
    domain.lists = before_->lists;
    domain.elsewhere = before_->elsewhere;
    domain.banished = before_->banished;
    for (const auto& change : accounts_)
        if (!change.after || !change.renamed_from.empty())
            remove_from(domain, change.kind, change.renamed_from.empty() ? change.local : change.renamed_from);
    for (const auto& change : accounts_)
        if (change.after) store_in(domain, change.local, *change.after);
    return domain;
}

template const Mailbox* DomainDraft::find<Mailbox>(const std::string&) const;
template const Forward* DomainDraft::find<Forward>(const std::string&) const;
template const Robot* DomainDraft::find<Robot>(const std::string&) const;
template const List* DomainDraft::find<List>(const std::string&) const;
template const Ban* DomainDraft::find<Ban>(const std::string&) const;
template const Elsewhere* DomainDraft::find<Elsewhere>(const std::string&) const;
template Mailbox* DomainDraft::edit<Mailbox>(const std::string&);
template Forward* DomainDraft::edit<Forward>(const std::string&);
template Robot* DomainDraft::edit<Robot>(const std::string&);
template List* DomainDraft::edit<List>(const std::string&);
template Ban* DomainDraft::edit<Ban>(const std::string&);
template Elsewhere* DomainDraft::edit<Elsewhere>(const std::string&);

} // namespace mailctl
