// SPDX-License-Identifier: Apache-2.0
// Asks the domain files as they are now, and where one does not validate the state last applied.
#include "mailctl/admin/roles.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/site/site_view.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

Error no_account(const Address& address) {
    return {ErrorKind::denied, fmt::format("'{}' is no account of this site", printable(address.display())),
            "an account is a mailbox by its own name, not by an alias, or postmaster@DOMAIN", 0};
}

bool is_absent(const Error& error) { return error.kind == ErrorKind::missing || error.kind == ErrorKind::invalid; }

// nullptr: none of ours, or nothing usable is known of it.
Result<const Domain*> find_usable(const SiteView& view, const DomainName& name) {
    std::vector<std::string> notes;
    auto domain = view.usable_domain(name, notes);
    if (!domain && is_absent(domain.error())) return nullptr;
    return domain;
}

bool is_suspended(const Domain& domain, const Mailbox* mailbox, Date today) {
    if (domain.state == DomainState::suspended) return true;
    return mailbox != nullptr && mailbox->suspend && mailbox->suspend->login && in_force(*mailbox->suspend, today);
}

} // namespace

Result<Role> find_role(const World& world, std::string_view as) {
    TRY_ASSIGN(const auto account, parse_role(as));
    if (const auto* owner = std::get_if<std::string>(&account))
        return Role{.kind = Role::Kind::owner, .owner = *owner, .domain = {}, .local = {}};
    const auto& address = std::get<Address>(account);
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const Domain* domain, find_usable(view, address.domain));
    if (domain == nullptr) return fail(no_account(address));
    const std::string local = address.local.key();
    const bool is_postmaster = local == "postmaster";
    const auto mailbox = domain->mailboxes.find(local);
    const bool has_mailbox = mailbox != domain->mailboxes.end();
    if (!is_postmaster && !has_mailbox) return fail(no_account(address));
    const Date today = day_in_zone(world.clock(), view.site().time_zone);
    if (is_suspended(*domain, has_mailbox ? &mailbox->second : nullptr, today))
        return fail(ErrorKind::denied, fmt::format("'{}' is suspended", printable(address.display())),
                    "an account that may not log in may not do anything here either");
    return Role{.kind = is_postmaster ? Role::Kind::postmaster : Role::Kind::user,
                .owner = {},
                .domain = domain->name,
                .local = local};
}

Result<std::vector<RightTarget>> find_right_targets(const World& world, std::span<const NamedTarget> named) {
    std::vector<RightTarget> targets;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    for (const auto& each : named) {
        RightTarget target{.named = each.word, .domain = {}, .owner = {}, .local = {}};
        TRY_ASSIGN(const Domain* domain, find_usable(view, each.domain));
        if (domain != nullptr) {
            target.domain = domain->name;
            target.owner = domain->owner;
        }
        if (each.local) target.local = each.local->key();
        targets.push_back(std::move(target));
    }
    return targets;
}

Result<std::vector<DomainName>> domains_of(const World& world, const Role& role) {
    if (role.domain) return std::vector<DomainName>{*role.domain};
    std::vector<std::string> notes;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto domains, view.usable_domains({}, notes));
    std::vector<DomainName> names;
    for (const auto* domain : domains) {
        if (role.administers(*domain)) names.push_back(domain->name);
    }
    if (!names.empty()) return names;
    return fail(ErrorKind::denied, fmt::format("'{}' administers no domain of this site", printable(role.text())),
                "mailctl domain set DOMAIN owner=NAME makes somebody the owner");
}

} // namespace mailctl
