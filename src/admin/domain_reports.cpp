// SPDX-License-Identifier: Apache-2.0
// What is said about domains, and the text of one for the editor.
#include "mailctl/admin/domains.hpp"

#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/losses.hpp"
#include "mailctl/change/shown_keys.hpp"
#include "mailctl/config/domain_file.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/dns_state.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

std::int64_t count(std::size_t size) { return static_cast<std::int64_t>(size); }

std::int64_t shown_aliases(const Domain& domain) {
    std::size_t aliases = 0;
    for (const auto& [unused, mailbox] : domain.mailboxes)
        aliases += mailbox.aliases.size();
    return count(aliases);
}

CellValue size_cell(ByteCount size) { return size.bytes == 0 ? CellValue{} : CellValue{size}; }

using DnsDomains = std::map<std::string, StoredDnsDomain>;

// Whether mail of the domains comes here, as last seen. Domains can be listed without it.
std::optional<DnsDomains> find_dns_domains(const SiteView& view, std::vector<std::string>& notes) {
    const auto stamp = find_stamp(view.paths().state);
    if (stamp && !*stamp) return DnsDomains{};
    auto state = state_to_read(view);
    auto domains = all_dns_domains(state);
    tell_skipped(state, notes);
    if (domains) return std::move(*domains);
    notes.push_back(fmt::format("what is known of the DNS cannot be read: {}", domains.error().what));
    return std::nullopt;
}

void add_dns_cells(Cells& row, const Domain& domain, const std::optional<DnsDomains>& known) {
    const auto found = known ? known->find(domain.name.text()) : DnsDomains::const_iterator{};
    const bool is_known = known && found != known->end();
    const bool is_active = is_known && found->second.active;
    const auto since = is_known ? found->second.since : std::nullopt;
    row.push_back({"dns", known ? CellValue(std::string(is_active ? "active" : "pending")) : CellValue{}});
    row.push_back({"dns_since", since ? CellValue(*since) : CellValue{}, true, true, "DNS SINCE"});
}

Cells list_row(const Domain& domain, const std::optional<DnsDomains>& dns) {
    const auto key = [&](std::string_view name) { return domain_cell(domain, name); };
    Cells row{{"domain", domain.name.display()},
              key("state"),
              {"mailboxes", count(domain.mailboxes.size())},
              {"forwards", count(domain.forwards.size())},
              key("aliases"),
              key("unknown"),
              key("owner"),
              key("limits.mailboxes"),
              {"quota", size_cell(total_quota(domain)), true, true, "QUOTAS"},
              key("limits.quota")};
    add_dns_cells(row, domain, dns);
    add_listed_settings(row, domain);
    return row;
}

// The order is that of the first days, which programs rely on; keys that came later stand at the end.
Cells show_row(const SiteView& view, const Domain& domain, const std::optional<DnsDomains>& dns) {
    const auto key = [&](std::string_view name) { return domain_cell(domain, name); };
    const auto key_if_set = [&](std::string_view name) { // elsewhere its label would only widen the sheet
        auto cell = key(name);
        cell.in_table = !std::holds_alternative<std::monostate>(cell.value);
        return cell;
    };
    Cells row{{"domain", domain.name.display()},
              {"ascii", domain.name.text(), true, domain.name.text() != domain.name.display()},
              key("state"),
              key("owner"),
              key("aliases")};
    if (const auto& suffix = view.site().alternate_suffix)
        row.push_back({"alternate", alternate_name(domain.name, *suffix).display()});
    row.insert(row.end(), {key("unknown"),
                           key("source_ip"),
                           key("relay_to"),
                           {"mailboxes", count(domain.mailboxes.size())},
                           key("limits.mailboxes"),
                           {"aliases", shown_aliases(domain)},
                           {"forwards", count(domain.forwards.size())},
                           {"banished", count(domain.banished.size())},
                           key("limits.quota"),
                           {"robots", count(domain.robots.size()), false},
                           {"lists", count(domain.lists.size()), false},
                           key("limits.aliases"),
                           key("limits.forwards"),
                           key("limits.robots"),
                           key("limits.lists"),
                           key("dmarc.policy"),
                           key("dmarc.report_to"),
                           {"file", view.paths().domain_file(domain.name)},
                           {"quota", size_cell(total_quota(domain))},
                           key_if_set("source_ip_chosen"),
                           key_if_set("tls.certificate"),
                           key_if_set("tls.key")});
    add_dns_cells(row, domain, dns);
    if (!view.site().nodes.empty()) row.push_back(key("node"));
    add_settings(row, domain);
    return row;
}

} // namespace

Result<Report> list_domains(const World& world) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("domain");
        TRY_ASSIGN(const auto domains, view.usable_domains({}, report.notes));
        const auto dns = find_dns_domains(view, report.notes);
        for (const auto* domain : domains)
            report.rows.push_back(list_row(*domain, dns));
        return report;
    });
}

Result<Report> show_domains(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("domain", Layout::sheet);
        const auto dns = find_dns_domains(view, report.notes);
        for (const auto& name : domains) {
            TRY_ASSIGN(const auto* domain, view.usable_domain(name, report.notes));
            report.rows.push_back(show_row(view, *domain, dns));
        }
        return report;
    });
}

Result<DomainText> load_domain_text(const World& world, const DomainName& domain) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto real, view.real_name(domain));
    TRY_ASSIGN(auto text, view.find_text({real}));
    return DomainText{real, world.paths.domain_file(real), text.value_or("")};
}

Status check_domain_text(const World& world, const DomainText& edited, const ChangeOptions& options) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto after, parse_domain(edited.text, edited.path, edited.name, view.site().addresses));
    return ask_about_losses(view, options, after.domain);
}

Result<Report> install_domain_text(const World& world, const DomainText& before, const std::string& after,
                                   const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto now, view.find_text({before.name}));
        if (now != before.text)
            return fail(ErrorKind::conflict, fmt::format("'{}' was changed while it was being edited", before.path),
                        fmt::format("edit it again: mailctl domain edit {}", before.name.text()));
        ChangePlan plan;
        plan.files.emplace(SourceFile{before.name}, after);
        say_done(plan, "domain", before.name.display(), "changed");
        return plan;
    });
}

} // namespace mailctl
