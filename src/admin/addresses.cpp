// SPDX-License-Identifier: Apache-2.0
// Aliases and forwards.
#include "mailctl/admin/addresses.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/model_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// The mailbox that has this alias; nullptr if none has.
const std::pair<const std::string, Mailbox>* find_alias(const Domain& domain, const std::string& alias) {
    for (const auto& entry : domain.mailboxes)
        if (std::ranges::find(entry.second.aliases, alias) != entry.second.aliases.end()) return &entry;
    return nullptr;
}

std::vector<std::string> alias_names(const Domain& domain) {
    std::vector<std::string> names;
    for (const auto& [unused, mailbox] : domain.mailboxes)
        names.insert(names.end(), mailbox.aliases.begin(), mailbox.aliases.end());
    return names;
}

struct AliasTarget {
    Address address;
    const Domain* domain;
    const std::string* mailbox; // nullptr: the name is no alias
};

Result<AliasTarget> find_alias_target(const SiteView& view, const Address& alias) {
    TRY_ASSIGN(const auto* domain, view.get_domain(alias.domain));
    const auto* holder = find_alias(*domain, alias.local.key());
    return AliasTarget{address_in(*domain, alias.local.key()), domain, holder ? &holder->first : nullptr};
}

Result<AliasTarget> get_alias_target(const SiteView& view, const Address& alias) {
    TRY_ASSIGN(auto target, find_alias_target(view, alias));
    if (!target.mailbox) return fail(no_such("alias", target.address, *target.domain, alias_names(*target.domain)));
    return target;
}

Status same_domain(const AliasTarget& alias, const MailboxTarget& mailbox) {
    if (alias.domain == mailbox.domain) return {};
    return fail(
        ErrorKind::conflict,
        fmt::format("alias '{}' and mailbox '{}' are in different domains", alias.address.display(),
                    mailbox.address.display()),
        fmt::format("make a forward: mailctl forward create {} {}", alias.address.text(), mailbox.address.text()));
}

void drop_alias(DomainDraft& domain, const std::string& alias) {
    std::erase(domain.edit<Mailbox>(domain.mailbox_with_alias(alias))->aliases, alias);
}

Status plan_alias(ModelPlan& plan, const Address& alias, const MailboxTarget& mailbox) {
    TRY_ASSIGN(const auto target, find_alias_target(plan.view(), alias));
    TRY(same_domain(target, mailbox));
    TRY_ASSIGN(const auto real, plan.take(alias));
    if (target.mailbox && *target.mailbox == mailbox.address.local.text()) return {};
    auto& domain = plan.of(*target.domain);
    TRY(get_free_name_in(domain, real));
    domain.edit<Mailbox>(mailbox.address.local.text())->aliases.push_back(real.local.text());
    plan.say_done("alias", real.display(), "created");
    return {};
}

Status plan_alias_deletion(ModelPlan& plan, const Address& alias) {
    TRY_ASSIGN(const auto target, get_alias_target(plan.view(), alias));
    TRY_ASSIGN(const auto real, plan.take(alias));
    drop_alias(plan.of(*target.domain), real.local.text());
    plan.say_done("alias", real.display(), "deleted");
    return {};
}

Status plan_alias_move(ModelPlan& plan, const Address& alias, const MailboxTarget& to) {
    TRY_ASSIGN(const auto target, get_alias_target(plan.view(), alias));
    TRY(same_domain(target, to));
    TRY_ASSIGN(const auto real, plan.take(alias));
    if (*target.mailbox == to.address.local.text()) return {};
    auto& domain = plan.of(*target.domain);
    drop_alias(domain, real.local.text());
    domain.edit<Mailbox>(to.address.local.text())->aliases.push_back(real.local.text());
    plan.say_done("alias", real.display(), "moved");
    return {};
}

Status plan_forward_deletion(ModelPlan& plan, const Address& address) {
    TRY_ASSIGN(const auto target, get_forward_target(plan.view(), address));
    TRY_ASSIGN(const auto real, plan.take(address));
    plan.of(*target.domain).remove(AccountKind::forward, real.local.text());
    plan.say_done("forward", real.display(), "deleted");
    return {};
}

std::vector<Address> with(const Address& address, std::span<const Address> others) {
    std::vector<Address> all(others.begin(), others.end());
    all.push_back(address);
    return all;
}

Cells forward_row(const Domain& domain, const std::string& local, const Forward& forward) {
    return {{"address", address_in(domain, local).display()}, {"to", shown(forward.to)}};
}

} // namespace

Result<Report> create_aliases(const World& world, std::span<const Address> aliases, const Address& mailbox,
                              const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            TRY_ASSIGN(const auto target, get_mailbox_target(plan.view(), mailbox));
            for (const auto& alias : aliases) {
                TRY(plan_alias(plan, alias, target));
            }
            return {};
        },
        with(mailbox, aliases));
}

Result<Report> delete_aliases(const World& world, std::span<const Address> aliases, const ChangeOptions& options) {
    return delete_names(world, aliases, options, plan_alias_deletion);
}

Result<Report> move_aliases(const World& world, std::span<const Address> aliases, const Address& mailbox,
                            const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            TRY_ASSIGN(const auto to, get_mailbox_target(plan.view(), mailbox));
            for (const auto& alias : aliases) {
                TRY(plan_alias_move(plan, alias, to));
            }
            return {};
        },
        with(mailbox, aliases));
}

Result<Report> list_aliases(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("alias");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found) {
            std::map<std::string, std::string> sorted;
            for (const auto& [local, mailbox] : domain->mailboxes)
                for (const auto& alias : mailbox.aliases)
                    sorted.emplace(alias, local);
            for (const auto& [alias, local] : sorted)
                report.rows.push_back({{"address", address_in(*domain, alias).display()},
                                       {"mailbox", address_in(*domain, local).display()}});
        }
        return report;
    });
}

Result<Report> create_forward(const World& world, const Address& address, std::span<const Address> targets,
                              const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            TRY_ASSIGN(const auto real, plan.take(address));
            TRY_ASSIGN(auto* domain, plan.domain(real.domain));
            TRY(plan.refuse_twice(real, targets));
            TRY_ASSIGN(const bool is_new,
                       add_account(*domain, real.local.text(), Forward{{targets.begin(), targets.end()}},
                                   "change it with 'mailctl forward set {} to+=ADDRESS'"));
            if (is_new) plan.say_done("forward", real.display(), "created");
            return {};
        },
        std::span(&address, 1));
}

Result<Report> set_forward(const World& world, const Address& address, std::span<const Assignment> assignments,
                           const ChangeOptions& options) {
    return change_models(
        world, options,
        [&](ModelPlan& plan) -> Status {
            TRY_ASSIGN(const auto target, get_forward_target(plan.view(), address));
            auto& domain = plan.of(*target.domain);
            TRY_ASSIGN(const bool changed, assign_account(domain, AccountKind::forward, target.address.local.text(),
                                                          assignments, plan.words_for(target.address)));
            if (changed) plan.say_done("forward", target.address.display(), "changed");
            return {};
        },
        std::span(&address, 1));
}

Result<Report> delete_forwards(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return delete_names(world, addresses, options, plan_forward_deletion);
}

Result<Report> list_forwards(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("forward");
        TRY_ASSIGN(const auto found, view.usable_domains(domains, report.notes));
        for (const auto* domain : found)
            for (const auto& [local, forward] : domain->forwards)
                report.rows.push_back(forward_row(*domain, local, forward));
        return report;
    });
}

Result<Report> show_forwards(const World& world, std::span<const Address> addresses) {
    return read_site_about(world, addresses, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("forward", Layout::sheet);
        for (const auto& address : addresses) {
            TRY_ASSIGN(const auto target, get_forward_target(view, address));
            report.rows.push_back(forward_row(*target.domain, target.address.local.text(), *target.forward));
        }
        return report;
    });
}

} // namespace mailctl
