// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/key_rights.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/domain_keys.hpp"
#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

Error may_not_set(const Role& role, std::string_view key, const std::string& of) {
    return {ErrorKind::denied, fmt::format("'{}' may not set '{}' of '{}'", printable(role.text()), key, printable(of)),
            role.kind == Role::Kind::user ? "the administrator of the domain sets it"
                                          : "only the site's administrator sets it",
            0};
}

const std::string* from_of(const Account& account) {
    if (const auto* robot = std::get_if<Robot>(&account)) return &robot->from;
    const auto* mailbox = std::get_if<Mailbox>(&account);
    return mailbox && mailbox->autoreply ? &mailbox->autoreply->from : nullptr;
}

std::string_view from_key(const Account& account) {
    return std::holds_alternative<Robot>(account) ? "from" : "autoreply_from";
}

} // namespace

SetBy set_by(const Role& role) {
    switch (role.kind) {
    case Role::Kind::site:
        return SetBy::site;
    case Role::Kind::owner:
    case Role::Kind::postmaster:
        return SetBy::owner;
    case Role::Kind::user:
        break;
    }
    return SetBy::user;
}

// A user may call himself what he likes, but write as himself only; who administers domains, as anybody in them.
std::optional<Error> KeyRights::object_to_from(const std::string& local, const Account& after,
                                               const std::string& from) const {
    const auto who = parse_named_address(from);
    if (!who) return std::nullopt; // the file's check says what is wrong with it
    const auto& name = who->address.domain;
    const bool is_own_domain = name == domain.name || std::ranges::find(domain.aliases, name) != domain.aliases.end();
    const Address account{LocalPart::from_trusted(local), domain.name};
    if (role.kind != Role::Kind::user) {
        if (is_own_domain || (administers && administers(name))) return std::nullopt;
        return Error{ErrorKind::denied,
                     fmt::format("'{}' may not write as '{}'", account.display(), who->address.display()),
                     "use an address of a domain that you administer", 0};
    }
    const auto key = who->address.local.key();
    const auto* mailbox = std::get_if<Mailbox>(&after);
    const bool is_alias = mailbox && std::ranges::find(mailbox->aliases, key) != mailbox->aliases.end();
    if (is_own_domain && (key == local || is_alias)) return std::nullopt;
    return Error{ErrorKind::denied,
                 fmt::format("'{}' may not write as '{}'", account.display(), who->address.display()),
                 "use the mailbox's own address or one of its aliases", 0};
}

std::optional<KeyRights::Refusal> KeyRights::find_refusal(const std::string& local, const Account* before,
                                                          const Account& after) const {
    if (role.kind == Role::Kind::site) return std::nullopt;
    const Account none = empty_account(kind_of(after));
    const Account& known = before ? *before : none;
    const std::string name = Address{LocalPart::from_trusted(local), domain.name}.display();
    const auto goes = [&](const AccountKey& key) { // with its table
        const auto table = std::ranges::find(account_key_tables(), key.table, &AccountKeyTable::table);
        return !key.table.empty() && !table->exists(after);
    };
    for (const auto& key : account_keys(kind_of(after)))
        if (!may_set(set_by(role), key.set_by) && !goes(key) && !key.same(known, after))
            return Refusal{&key, may_not_set(role, key.name, name)};
    const auto *from = from_of(after), *earlier = from_of(known);
    if (!from || from->empty() || (earlier && *earlier == *from)) return std::nullopt;
    auto error = object_to_from(local, after, *from);
    if (!error) return std::nullopt;
    return Refusal{find_account_key(kind_of(after), from_key(after)), std::move(*error)};
}

Status KeyRights::check(const std::string& local, const Account* before, const Account& after) const {
    auto refusal = find_refusal(local, before, after);
    if (!refusal) return {};
    return fail(std::move(refusal->error));
}

Status check_rights(const Role& role, const DomainDraft& change, const Administers& administers) {
    if (role.kind == Role::Kind::site) return {};
    const KeyRights rights{role, change.before(), administers};
    for (const auto& account : change.accounts()) {
        if (!account.after) continue;
        const auto& known = account.known ? account.known : account.before;
        TRY(rights.check(account.local, known ? &*known : nullptr, *account.after));
    }
    const auto before = settings_of(change.before());
    for (const auto& key : domain_keys())
        if (!may_set(set_by(role), key.set_by) && !key.same(before, change.settings()))
            return fail(may_not_set(role, key.name, change.before().name.display()));
    return {};
}

} // namespace mailctl
