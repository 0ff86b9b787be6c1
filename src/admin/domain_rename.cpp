// SPDX-License-Identifier: Apache-2.0
// A domain under another name.
#include "mailctl/admin/domains.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/rewrite.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/dkim_keys.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// Free, or an alias of the very domain; nothing lies at its place.
Status check_new_domain_name(const SiteView& view, const Domain& domain, const DomainName& name) {
    const bool is_own_alias = std::ranges::find(domain.aliases, name) != domain.aliases.end();
    TRY_ASSIGN(const auto* holder, view.find_domain(name));
    TRY_ASSIGN(const auto* applied, view.applied());
    TRY_ASSIGN(const auto known, applied->find_domain(name));
    if (holder || (known && !is_own_alias))
        return fail(ErrorKind::conflict,
                    fmt::format("'{}' is a domain of this site already{}", name.display(),
                                holder ? "" : fmt::format(", another name of '{}'", known->name.display())),
                    "choose a name that nobody has");
    if (!has_mail_place(view, name.text())) return {};
    return fail(ErrorKind::conflict,
                fmt::format("'{}/{}' is in the way: it belongs to no domain", view.paths().mail, name.text()),
                "look at it and move it elsewhere");
}

// Held mail lies below the domain's name and belongs to nobody who could be renamed.
Status refuse_candidates(const SiteView& view, const Domain& domain) {
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists) return {};
    auto state = state_to_read(view);
    TRY_ASSIGN(const auto candidates, candidates_of(state, domain.name));
    if (candidates.empty()) return {};
    return fail(ErrorKind::conflict, fmt::format("'{}' holds mail of candidates", domain.name.display()),
                fmt::format("decide about them first: mailctl candidate list {}", domain.name.text()));
}

// What the domain has elsewhere, and the new name has not.
Status say_what_is_left(ModelPlan& plan, const Domain& domain, const DomainName& name, bool leaves_alias) {
    plan.note(
        fmt::format("the DNS of '{}' has to say what it should: mailctl dns show {}", name.display(), name.text()));
    TRY_ASSIGN(const auto selectors, find_selectors(plan.view().paths(), plan.view().site(), domain.name));
    if (!selectors.empty())
        plan.note(fmt::format("its DKIM keys are of the old name; new ones: mailctl dkim create {}", name.text()));
    if (!leaves_alias)
        plan.note(fmt::format("without --leave-alias no more mail is taken for '{}', and nobody logs in by it",
                              domain.name.display()));
    return {};
}

Status plan_domain_renaming(ModelPlan& plan, const DomainRenaming& renaming) {
    const auto& view = plan.view();
    TRY_ASSIGN(const auto* domain, view.get_domain(renaming.from));
    if (domain->name == renaming.to) return {};
    if (domain->name != renaming.from)
        return fail(ErrorKind::conflict,
                    fmt::format("'{}' is another name of '{}'", renaming.from.display(), domain->name.display()),
                    fmt::format("mailctl domain rename {} {}", domain->name.text(), renaming.to.text()));
    TRY(check_new_domain_name(view, *domain, renaming.to));
    TRY(refuse_candidates(view, *domain));
    TRY(rewrite_domain_name(plan, *domain, renaming.to));
    auto& aliases = plan.of(*domain).edit_settings().aliases;
    std::erase(aliases, renaming.to);
    if (renaming.leave_alias) aliases.push_back(domain->name);
    plan.rename_domain(*domain, renaming.to);
    plan.say_done("domain", domain->name.display(), "renamed");
    plan.rest.report.rows.back().push_back({"to", renaming.to.display()});
    plan.rest.report.notes.back() += fmt::format(" to '{}'", renaming.to.display());
    return say_what_is_left(plan, *domain, renaming.to, renaming.leave_alias);
}

} // namespace

Result<Report> rename_domain(const World& world, const DomainRenaming& renaming, const ChangeOptions& options) {
    return change_models(world, options, [&](ModelPlan& plan) { return plan_domain_renaming(plan, renaming); });
}

} // namespace mailctl
