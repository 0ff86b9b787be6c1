// SPDX-License-Identifier: Apache-2.0
// References that follow an address to its new name, key by key through the models.
#include "mailctl/change/account_changes.hpp"

#include "mailctl/model/named_address.hpp"

#include <algorithm>

namespace mailctl {
namespace {

std::optional<Address> find_exact(std::span<const NewName> names, const std::string& key) {
    const auto found = std::ranges::find_if(names, [&](const NewName& name) { return name.from.local.key() == key; });
    return found == names.end() ? std::nullopt : std::optional(found->to);
}

// Each of these says whether it changed what it was given.
bool follow(const NewNames& names, Address& address) {
    auto now = names.find(address);
    if (!now) return false;
    address = std::move(*now);
    return true;
}
bool follow(const NewNames& names, std::optional<Address>& address) { return address && follow(names, *address); }
bool follow(const NewNames& names, std::vector<Address>& addresses) {
    bool changed = false;
    for (auto& address : addresses)
        changed = follow(names, address) || changed;
    return changed;
}
bool follow_domain(const NewNames& names,
                   std::optional<DomainName>& domain) { // another that unknown names are tried in
    const bool is_renamed =
        domain && names.domain && std::ranges::find(names.domain_names, *domain) != names.domain_names.end();
    if (is_renamed) domain = names.domain;
    return is_renamed;
}
bool follow_text(const NewNames& names, std::string& text) { // a full address, or a word
    const auto address = Address::parse(text);
    const auto now = address ? names.find(*address) : std::nullopt;
    if (now) text = now->text();
    return now.has_value();
}
bool follow_from(const NewNames& names, std::string& from) {
    auto now = names.find_in_from(from);
    if (now) from = std::move(*now);
    return now.has_value();
}

bool follow_mailbox(const NewNames& names, Mailbox& mailbox) {
    const bool forward = follow(names, mailbox.forward), copy_to = follow(names, mailbox.copy_to);
    const bool recovery = follow(names, mailbox.recovery);
    return (mailbox.autoreply && follow_from(names, mailbox.autoreply->from)) || forward || copy_to || recovery;
}
bool follow_robot(const NewNames& names, Robot& robot) {
    const bool copy_to = follow(names, robot.copy_to);
    return follow_from(names, robot.from) || copy_to;
}
bool follow_list(const NewNames& names, List& list) {
    const bool members = follow(names, list.members), post = follow(names, list.post.named);
    return follow(names, list.owner) || members || post;
}

// Whether the account names anybody: most mailboxes of a large domain do not, and need no copy.
template <class T>
bool names_others(const T&) {
    return true;
}
bool names_others(const Mailbox& mailbox) {
    return !mailbox.forward.empty() || !mailbox.copy_to.empty() || mailbox.recovery || mailbox.autoreply;
}

// A copy of each account is asked; those that differ are put into the change.
template <class T, class Follow>
bool follow_each(DomainDraft& change, const std::map<std::string, T>& accounts, const Follow& follow_one) {
    bool changed = false;
    for (const auto& [local, unused] : accounts) {
        const T* now = change.find<T>(local);
        if (!now || !names_others(*now)) continue;
        T account = *now;
        if (!follow_one(local, account)) continue;
        *change.edit<T>(local) = std::move(account);
        change.keep_places(kind_of(Account(T{})), local);
        changed = true;
    }
    return changed;
}

bool follow_settings(DomainDraft& change, const NewNames& names) {
    Domain settings = change.settings();
    const bool targets = follow(names, settings.unknown.to);
    const bool unknown = follow_domain(names, settings.unknown.domain) || targets;
    const bool owner = follow_text(names, settings.owner);
    if (unknown || owner) change.edit_settings() = std::move(settings);
    if (unknown) change.keep_places();
    return unknown || owner;
}

} // namespace

std::optional<Address> NewNames::find(const Address& address) const {
    if (std::ranges::find(domain_names, address.domain) == domain_names.end()) return std::nullopt;
    if (domain) return Address{address.local, *domain};
    const std::string key = address.local.key();
    if (const auto found = find_exact(names, key)) return found;
    const auto cut = key.find_first_of(delimiters, 1);
    if (delimiters.empty() || cut == std::string::npos) return std::nullopt;
    auto base = find_exact(names, key.substr(0, cut));
    if (!base) return std::nullopt;
    base->local = LocalPart::from_trusted(base->local.text() + key.substr(cut));
    return base;
}

std::optional<std::string> NewNames::find_in_from(const std::string& from) const {
    const auto who = from.empty() ? std::nullopt : std::optional(parse_named_address(from));
    const auto now = who && *who ? find((*who)->address) : std::nullopt;
    if (!now) return std::nullopt;
    const auto open = from.rfind('<'), close = from.rfind('>');
    if (open == std::string::npos || close == std::string::npos || close < open) return now->text();
    return from.substr(0, open + 1) + now->text() + from.substr(close);
}

bool follow_new_names(DomainDraft& change, const NewNames& names, const std::string& except) {
    const auto& before = change.before();
    const bool mailboxes = follow_each(change, before.mailboxes, [&](const std::string& local, Mailbox& mailbox) {
        if (local != except) return follow_mailbox(names, mailbox);
        return mailbox.autoreply && follow_from(names, mailbox.autoreply->from);
    });
    const bool forwards = follow_each(change, before.forwards,
                                      [&](const std::string&, Forward& forward) { return follow(names, forward.to); });
    const bool robots = follow_each(change, before.robots,
                                    [&](const std::string&, Robot& robot) { return follow_robot(names, robot); });
    const bool lists =
        follow_each(change, before.lists, [&](const std::string&, List& list) { return follow_list(names, list); });
    return follow_settings(change, names) || mailboxes || forwards || robots || lists;
}

} // namespace mailctl
