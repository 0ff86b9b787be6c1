// Aliases and forwards.
#include "mailctl/admin/addresses.hpp"

#include "mailctl/admin/edits.hpp"
#include "mailctl/admin/targets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

KeyPath aliases_key(const std::string& mailbox) { return mailbox_key(mailbox, "aliases"); }

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

void remove_alias(const AliasTarget& alias, ChangePlan& plan) {
    for (auto& edit : remove_target(aliases_key(*alias.mailbox), alias.address, alias.domain->name))
        plan.edit(alias.domain->name, std::move(edit));
}

Status plan_alias(const SiteView& view, const Address& alias, const MailboxTarget& mailbox, ChangePlan& plan) {
    TRY_ASSIGN(const auto target, find_alias_target(view, alias));
    TRY(same_domain(target, mailbox));
    if (target.mailbox && *target.mailbox == mailbox.address.local.text()) return {};
    TRY(get_free_name_in(*target.domain, target.address));
    const auto& local = target.address.local.text();
    plan.edit(target.domain->name, AddElement{aliases_key(mailbox.address.local.text()), local});
    say_done(plan, "alias", target.address.display(), "created");
    return {};
}

Status plan_alias_deletion(const SiteView& view, const Address& alias, ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_alias_target(view, alias));
    remove_alias(target, plan);
    say_done(plan, "alias", target.address.display(), "deleted");
    return {};
}

Status plan_forward_deletion(const SiteView& view, const Address& address, ChangePlan& plan) {
    TRY_ASSIGN(const auto target, get_forward_target(view, address));
    plan.edit(target.domain->name, RemoveTable{{"forward", target.address.local.text()}});
    say_done(plan, "forward", target.address.display(), "deleted");
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
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ChangePlan plan;
            TRY_ASSIGN(const auto target, get_mailbox_target(view, mailbox));
            for (const auto& alias : aliases) {
                TRY(plan_alias(view, alias, target, plan));
            }
            return plan;
        },
        with(mailbox, aliases));
}

Result<Report> delete_aliases(const World& world, std::span<const Address> aliases, const ChangeOptions& options) {
    return change_each(world, options, aliases, aliases, plan_alias_deletion);
}

Result<Report> move_aliases(const World& world, std::span<const Address> aliases, const Address& mailbox,
                            const ChangeOptions& options) {
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ChangePlan plan;
            TRY_ASSIGN(const auto to, get_mailbox_target(view, mailbox));
            const std::string& local = to.address.local.text();
            for (const auto& alias : aliases) {
                TRY_ASSIGN(const auto target, get_alias_target(view, alias));
                TRY(same_domain(target, to));
                if (*target.mailbox == local) continue;
                remove_alias(target, plan);
                plan.edit(to.domain->name, AddElement{aliases_key(local), target.address.local.text()});
                say_done(plan, "alias", target.address.display(), "moved");
            }
            return plan;
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
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ChangePlan plan;
            TRY_ASSIGN(const auto* domain, view.get_domain(address.domain));
            const Address real = address_in(*domain, address.local.key());
            const auto existing = domain->forwards.find(real.local.text());
            if (existing != domain->forwards.end() && std::ranges::equal(existing->second.to, targets)) return plan;
            if (existing != domain->forwards.end())
                return fail(ErrorKind::conflict, fmt::format("forward '{}' exists already", real.display()),
                            fmt::format("change it with 'mailctl forward set {} to+=ADDRESS'", real.text()));
            TRY(get_free_name_in(*domain, real));
            plan.edit(domain->name,
                      AddTable{{"forward", real.local.text()}, {{"to", target_texts(targets, domain->name)}}});
            say_done(plan, "forward", real.display(), "created");
            return plan;
        },
        std::span(&address, 1));
}

Result<Report> set_forward(const World& world, const Address& address, std::span<const Assignment> assignments,
                           const ChangeOptions& options) {
    static const std::vector<std::string> keys{"to"};
    return change(
        world, options,
        [&](const SiteView& view) -> Result<ChangePlan> {
            ChangePlan plan;
            TRY_ASSIGN(const auto target, get_forward_target(view, address));
            const KeyPath path{"forward", target.address.local.text(), "to"};
            for (const auto& assignment : assignments) {
                if (assignment.key != keys.front()) return fail(unknown_key(assignment.key, keys));
                TRY_ASSIGN(auto edits, assign_targets(path, assignment, target.forward->to, target.domain->name));
                for (auto& edit : edits)
                    plan.edit(target.domain->name, std::move(edit));
            }
            if (!plan.files.empty()) say_done(plan, "forward", target.address.display(), "changed");
            return plan;
        },
        std::span(&address, 1));
}

Result<Report> delete_forwards(const World& world, std::span<const Address> addresses, const ChangeOptions& options) {
    return change_each(world, options, addresses, addresses, plan_forward_deletion);
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
