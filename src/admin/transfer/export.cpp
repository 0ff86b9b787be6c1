// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/transfer/export.hpp"

#include "mailctl/change/account_changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/site/site_view.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Read, used and let go one by one: a million accounts need not be in memory as models.
Result<std::optional<Domain>> load(const SiteView& view, const DomainName& name, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto text, view.find_text({name}));
    if (!text) return std::nullopt;
    const auto path = view.paths().domain_file(name);
    auto parsed = parse_domain(*text, path, name, view.site().addresses);
    if (parsed) return std::optional(std::move(parsed->domain));
    notes.push_back(
        fmt::format("'{}' does not validate, so this is the state last applied: see 'mailctl config check'", path));
    return view.find_applied_domain(name);
}

NoQuota no_quota_in(const Site& site, const Domain& domain) {
    return usual_quota(site.defaults, domain.limits).bytes == 0 ? NoQuota::empty : NoQuota::said;
}

} // namespace

Result<Report> export_accounts(const World& world, std::span<const DomainName> domains, const ExportRequest& request) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("account", request.as_rows ? Layout::table : Layout::text);
        std::vector<DomainName> names;
        for (const auto& domain : domains) {
            TRY_ASSIGN(auto name, view.real_name(domain));
            names.push_back(std::move(name));
        }
        if (domains.empty()) {
            TRY_ASSIGN(names, view.domain_names());
        }
        const auto line_end = request.for_excel ? LineEnd::crlf : LineEnd::lf;
        if (request.for_excel) report.text = byte_order_mark;
        if (!request.as_rows) append_csv_row(report.text, export_headings(request.hashes), line_end);
        for (const auto& name : names) {
            TRY_ASSIGN(const auto domain, load(view, name, report.notes));
            if (!domain || !view.role().administers(*domain)) continue;
            if (request.as_rows)
                append_account_rows(report.rows, *domain, request.hashes, view.site().addresses);
            else
                append_accounts(report.text, *domain, request.hashes, line_end, no_quota_in(view.site(), *domain));
        }
        return report;
    });
}

} // namespace mailctl
