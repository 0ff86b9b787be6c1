// SPDX-License-Identifier: Apache-2.0
#include "import_findings.hpp"

#include "mailctl/config/domain_file.hpp"

#include <algorithm>

namespace mailctl {
namespace {

Result<ChangedDomains> planned_domains(const SiteView& view, const ChangePlan& plan) {
    ChangedDomains domains;
    for (const auto& [file, action] : plan.files) {
        if (!file.domain) continue;
        SourceText text;
        if (const auto* whole = std::get_if<std::string>(&action)) {
            text = *whole;
        } else if (const auto* edits = std::get_if<std::vector<Edit>>(&action)) {
            TRY_ASSIGN(text, view.find_text(file));
            TRY_ASSIGN(text, apply_edits(text.value_or(""), *edits, file.path(view.paths())));
        }
        if (!text) continue;
        TRY_ASSIGN(auto parsed, parse_domain(*text, file.path(view.paths()), *file.domain, view.site().addresses));
        domains.emplace(*file.domain, std::move(parsed.domain));
    }
    return domains;
}

} // namespace

std::optional<std::string> account_of(const Finding& finding) {
    const auto begin = finding.key.find('.'), end = finding.key.rfind('.');
    if (finding.key.starts_with("domain.") || begin == end) return std::nullopt;
    return finding.key.substr(begin + 1, end - begin - 1);
}

Result<std::vector<Finding>> find_new_errors(const World& world, const SiteView& view, const ChangePlan& plan) {
    TRY_ASSIGN(const auto domains, planned_domains(view, plan));
    TRY_ASSIGN(const auto* applied, view.applied());
    const ChangedDomains none;
    const ChangedSite before(view.site(), *applied, none), after(view.site(), *applied, domains);
    const Date today = day_in_zone(world.clock(), view.site().time_zone);
    std::vector<Finding> errors;
    for (const auto& [name, domain] : domains) {
        std::vector<Finding> known;
        TRY_ASSIGN(const auto earlier, view.find_applied_domain(name));
        if (earlier) {
            TRY_ASSIGN(known, validate(view.site(), before, *earlier, today));
        }
        TRY_ASSIGN(const auto found, validate(view.site(), after, *domain, today));
        for (const auto& finding : found)
            if (finding.severity == Severity::error && std::ranges::find(known, finding) == known.end())
                errors.push_back(finding);
    }
    return errors;
}

} // namespace mailctl
