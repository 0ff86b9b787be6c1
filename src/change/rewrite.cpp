// SPDX-License-Identifier: Apache-2.0
// Domain by domain, through the models.
#include "mailctl/change/rewrite.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/references.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

// Names nothing that the role may not see.
Error may_not_rewrite(const SiteView& view) {
    return {ErrorKind::denied,
            fmt::format("'{}' may not rewrite what others outside refer to", printable(view.role().text())),
            "ask the site's administrator", 0};
}

NewNames names_of_home(const SiteView& view, const Domain& home, std::span<const NewName> names) {
    NewNames all{{home.name}, view.site().addresses.delimiters, names};
    all.domain_names.insert(all.domain_names.end(), home.aliases.begin(), home.aliases.end());
    if (const auto& suffix = view.site().alternate_suffix)
        all.domain_names.push_back(alternate_name(home.name, *suffix));
    return all;
}

Status rewrite_all(ModelPlan& plan, const Domain& home, const std::string& except, const NewNames& all) {
    const auto& view = plan.view();
    TRY_ASSIGN(const auto domains, domains_that_may_name(view, home));
    for (const auto* domain : domains) {
        const bool changed = follow_new_names(plan.of(*domain), all, domain == &home ? except : std::string());
        if (changed && !view.role().administers(*domain)) return fail(may_not_rewrite(view));
    }
    const auto& postmaster = view.site().postmaster;
    if (const auto now = postmaster ? all.find(*postmaster) : std::nullopt) {
        if (view.role().kind != Role::Kind::site) return fail(may_not_rewrite(view));
        plan.set_site_value({"postmaster"}, now->text());
    }
    return {};
}

} // namespace

Status rewrite_references(ModelPlan& plan, const Domain& home, const std::string& except,
                          std::span<const NewName> names) {
    return rewrite_all(plan, home, except, names_of_home(plan.view(), home, names));
}

Status rewrite_domain_name(ModelPlan& plan, const Domain& home, const DomainName& name) {
    NewNames all{{home.name}, {}, {}, name};
    if (const auto& suffix = plan.view().site().alternate_suffix)
        all.domain_names.push_back(alternate_name(home.name, *suffix));
    return rewrite_all(plan, home, {}, all);
}

} // namespace mailctl
