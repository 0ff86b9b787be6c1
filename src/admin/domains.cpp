// SPDX-License-Identifier: Apache-2.0
// Changes to domains.
#include "mailctl/admin/domains.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/account_changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/model_plan.hpp"
#include "mailctl/change/references.hpp"
#include "mailctl/config/domain_text.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

Domain model_of(const NewDomain& request, const Site::Defaults& defaults) {
    Domain domain = new_domain(request.name, defaults);
    domain.owner = request.owner;
    domain.aliases = request.aliases;
    domain.source_ip = request.source_ip;
    domain.unknown = request.unknown.value_or(UnknownAction{});
    return domain;
}

bool same_settings(const Domain& domain, const NewDomain& request) {
    return domain.owner == request.owner && domain.aliases == request.aliases &&
           domain.source_ip == request.source_ip && domain.unknown == request.unknown.value_or(UnknownAction{});
}

Status plan_new_domain(const SiteView& view, const NewDomain& request, ChangePlan& plan) {
    TRY_ASSIGN(const auto* existing, view.find_domain(request.name));
    if (existing && same_settings(*existing, request)) {
        plan.files.try_emplace(SourceFile{request.name}); // perhaps written by hand and not applied yet
        return {};
    }
    if (plan.files.contains(SourceFile{request.name})) return fail(given_twice(request.name.display()));
    if (existing)
        return fail(ErrorKind::conflict, fmt::format("domain '{}' exists already", request.name.display()),
                    fmt::format("change it with 'mailctl domain set {} KEY=VALUE'", request.name.text()));
    plan.files.emplace(SourceFile{request.name}, compose_domain(model_of(request, view.site().defaults)));
    if (has_mail_place(view, held_area(HeldFor::candidate, request.name)))
        plan.mail.push_back(mail_order::put_away(request.name));
    say_done(plan, "domain", request.name.display(), "created");
    return {};
}

Result<Report> assign_all(const World& world, const DomainName& name, std::span<const Assignment> assignments,
                          const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) -> Status {
        TRY_ASSIGN(auto* domain, plan.domain(name));
        const auto& own = domain->before();
        const WordContext words{own.name, plan.view().site().addresses, real_names(plan.view()), own.name.display()};
        TRY_ASSIGN(const bool changed, assign_domain(*domain, assignments, words));
        if (changed) plan.say_done("domain", own.name.display(), "changed");
        return {};
    });
}

Result<Report> set_state(const World& world, std::span<const DomainName> names, DomainState state,
                         const ChangeOptions& options) {
    const bool suspend = state == DomainState::suspended;
    return change_models(world, options, [&](ModelPlan& plan) -> Status {
        std::set<DomainName> taken;
        for (const auto& name : names) {
            TRY_ASSIGN(auto* domain, plan.domain(name));
            const auto& real = domain->before().name;
            if (!taken.insert(real).second) return fail(given_twice(real.display()));
            if (domain->settings().state == state) continue;
            domain->edit_settings().state = state;
            plan.say_done("domain", real.display(), suspend ? "suspended" : "resumed");
        }
        return {};
    });
}

Error no_such_alias(const Domain& domain, const DomainName& alias) {
    std::vector<std::string> names;
    for (const auto& each : domain.aliases)
        names.push_back(each.text());
    const auto near = nearest(alias.text(), names);
    return {ErrorKind::missing, fmt::format("domain '{}' has no alias '{}'", domain.name.display(), alias.display()),
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("mailctl domain show {}", domain.name.text()),
            0};
}

Assignment of_names(Assignment::Operation operation, std::span<const DomainName> names) {
    std::vector<std::string> texts;
    for (const auto& name : names)
        texts.push_back(name.text());
    return {"aliases", operation, join(texts, " ")};
}

} // namespace

Result<Report> create_domains(const World& world, std::span<const NewDomain> domains, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& request : domains) {
            TRY(plan_new_domain(view, request, plan));
        }
        return plan;
    });
}

Result<Report> set_domain(const World& world, const DomainName& domain, std::span<const Assignment> assignments,
                          const ChangeOptions& options) {
    return assign_all(world, domain, assignments, options);
}

Result<Report> delete_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& name : domains) {
            TRY_ASSIGN(const auto* domain, view.get_domain(name));
            if (domain->name != name)
                return fail(ErrorKind::conflict,
                            fmt::format("'{}' is another name of '{}'", name.display(), domain->name.display()),
                            fmt::format("mailctl domain alias-remove {} {}", domain->name.text(), name.text()));
            plan.files.emplace(SourceFile{name}, RemoveFile{});
            say_done(plan, "domain", name.display(), "deleted");
        }
        TRY(refuse_if_referred_to(view, domains));
        return plan;
    });
}

Result<Report> suspend_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return set_state(world, domains, DomainState::suspended, options);
}

Result<Report> resume_domains(const World& world, std::span<const DomainName> domains, const ChangeOptions& options) {
    return set_state(world, domains, DomainState::active, options);
}

Result<Report> add_domain_aliases(const World& world, const DomainName& domain, std::span<const DomainName> aliases,
                                  const ChangeOptions& options) {
    const std::vector<Assignment> assignments{of_names(Assignment::Operation::add, aliases)};
    return assign_all(world, domain, assignments, options);
}

Result<Report> remove_domain_aliases(const World& world, const DomainName& domain, std::span<const DomainName> aliases,
                                     const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) -> Status {
        TRY_ASSIGN(auto* found, plan.domain(domain));
        auto& names = found->edit_settings().aliases;
        for (const auto& alias : aliases)
            if (std::erase(names, alias) == 0) return fail(no_such_alias(found->before(), alias));
        plan.say_done("domain", found->before().name.display(), "changed");
        return {};
    });
}

} // namespace mailctl
