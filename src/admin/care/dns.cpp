// SPDX-License-Identifier: Apache-2.0
// What the domains' DNS should say.
#include "mailctl/admin/care/dns.hpp"

#include "dns_memory.hpp"
#include "dns_subjects.hpp"
#include "host_keys.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/exchange/dns/update.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_state.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

unsigned ttl_of(const Site& site) { return static_cast<unsigned>(site.dns.ttl.count()); }

Cells wanted_row(const std::string& domain, const WantedRecord& wanted, unsigned ttl) {
    return {{"domain", domain},
            {"name", wanted.record.name},
            {"rrtype", wanted.record.type, true, true, "TYPE"},
            {"ttl", std::int64_t{ttl}, true, false},
            {"value", printable(wanted.record.value)},
            {"reason", wanted.reason},
            {"required", wanted.required}};
}

void add_wanted(Report& report, const Site& site, const std::string& domain, std::span<const WantedRecord> wanted) {
    for (const auto& record : wanted)
        report.rows.push_back(wanted_row(domain, record, ttl_of(site)));
}

// Those that the zone of `name` can hold.
std::vector<DnsRecord> records_below(const DomainName& name, std::span<const WantedRecord> wanted) {
    std::vector<DnsRecord> records;
    for (const auto& one : wanted)
        if (lies_below(one.record.name, name.text())) records.push_back(one.record);
    return records;
}

std::string zone_text(std::span<const DnsRecord> records, unsigned ttl) {
    std::string text;
    for (const auto& record : records)
        text += zone_line(record, ttl) + '\n';
    return text;
}

// The rows of the last round; none where nobody ever looked.
Result<std::vector<DnsRow>> last_seen(const SiteView& view, const Domain& domain) {
    std::vector<DnsRow> rows;
    TRY_ASSIGN(const auto stamp, find_stamp(view.paths().state));
    if (!stamp) return rows;
    auto state = state_to_read(view);
    TRY_ASSIGN(auto records, load_dns_records(state, domain.name.text()));
    for (auto& record : records)
        rows.push_back(std::move(record.row));
    return rows;
}

Status add_nsupdate(const SiteView& view, const DnsSubject& subject, Report& report) {
    TRY_ASSIGN(const auto seen, last_seen(view, *subject.domain));
    const auto update = find_update(view.site(), subject, seen);
    report.text += nsupdate_text(update, ttl_of(view.site()));
    for (const auto& record : update.foreign)
        report.notes.push_back(
            fmt::format("{} {}: what stands there is not mailctl's, and a second one would make both "
                        "void; mend it by hand: {}",
                        record.name, record.type, zone_line(record, ttl_of(view.site()))));
    return {};
}

// The domains a command names, each with the name it was named by; all where none is named.
struct NamedDomain {
    const Domain* domain;
    DomainName name;
};

Result<std::vector<NamedDomain>> named_domains(const SiteView& view, std::span<const DomainName> names,
                                               std::vector<std::string>& notes) {
    std::vector<NamedDomain> named;
    if (names.empty()) {
        TRY_ASSIGN(const auto domains, view.usable_domains({}, notes));
        for (const auto* domain : domains)
            named.push_back({domain, domain->name});
    }
    for (const auto& name : names) {
        TRY_ASSIGN(const auto* domain, view.usable_domain(name, notes));
        named.push_back({domain, name});
    }
    return named;
}

Status show_named(const SiteView& view, const NamedDomain& named, DnsForm form, Report& report) {
    TRY_ASSIGN(const auto subjects, dns_subjects_for(view, *named.domain, named.name));
    for (const auto& subject : subjects) {
        const auto wanted = wanted_records(view.site(), subject);
        if (form == DnsForm::rows || subject.name == named.name)
            add_wanted(report, view.site(), named.domain->name.display(), wanted);
        if (form == DnsForm::zone && subject.name == named.name)
            report.text += zone_text(records_below(named.name, wanted), ttl_of(view.site()));
        if (form != DnsForm::nsupdate || subject.name != named.name) continue;
        TRY(add_nsupdate(view, subject, report));
    }
    return {};
}

std::vector<std::string> policy_hosts(const Site& site) {
    std::vector<std::string> hosts;
    for (const auto& exchange : mail_exchanges(site))
        hosts.push_back(exchange.host.text());
    return hosts;
}

} // namespace

Result<Report> show_dns(const World& world, std::span<const DomainName> domains, DnsForm form) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("dns_record", form == DnsForm::rows ? Layout::table : Layout::text);
        TRY_ASSIGN(const auto named, named_domains(view, domains, report.notes));
        for (const auto& one : named) {
            TRY(show_named(view, one, form, report));
        }
        return report;
    });
}

namespace {

Status add_wanted_keys(const SiteView& view, std::span<const std::string> next_keys, Report& report) {
    TRY_ASSIGN(const auto keys, find_host_keys(view, next_keys));
    const auto& site = view.site();
    const auto add = [&](const std::vector<HostKey>& some, std::string_view what) {
        for (const auto& key : some)
            add_wanted(report, site, site.hostname.display(),
                       std::vector{WantedRecord{
                           DnsRule::host_address, tlsa_record(site.hostname.text(), key),
                           fmt::format("{} '{}', where the zone is signed (RFC 7672)", what, key.file), false}});
    };
    add(keys.in_use, "the key that Postfix serves, of");
    add(keys.next, "the next key, of");
    return {};
}

} // namespace

Result<Report> show_host_dns(const World& world, std::span<const std::string> next_keys) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("dns_record");
        const auto& site = view.site();
        add_wanted(report, site, site.hostname.display(), wanted_host_records(site));
        const bool is_for_site = view.role().kind == Role::Kind::site;
        if (!is_for_site && !next_keys.empty())
            return fail(ErrorKind::denied, "the keys of the host are the site administrator's");
        if (is_for_site) {
            TRY(add_wanted_keys(view, next_keys, report));
        }
        if (site.dns.addresses.empty())
            report.notes.emplace_back("dns.addresses is empty: the addresses of the hosts are not shown; "
                                      "mailctl config set dns.addresses=IP,IP");
        else if (mail_exchanges(site).size() > 1 || mail_exchanges(site).front().host != site.hostname)
            report.notes.emplace_back("several hosts share dns.addresses: which of them has which is not shown");
        return report;
    });
}

Result<Report> show_dns_policies(const World& world, std::span<const DomainName> domains) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        const auto& site = view.site();
        if (site.dns.mta_sts.mode == MtaStsMode::off)
            return fail(ErrorKind::conflict, "no MTA-STS policy is set up",
                        "mailctl config set dns.mta_sts.mode=testing");
        Report report = report_of("mta_sts_policy", Layout::text);
        for (const auto& name : domains) {
            TRY_ASSIGN(const auto* domain, view.usable_domain(name, report.notes));
            report.text += mta_sts_policy(site);
            report.rows.push_back({{"domain", domain->name.display()},
                                   {"id", policy_id(site)},
                                   {"mode", mta_sts_mode_text(site.dns.mta_sts.mode)},
                                   {"max_age", std::int64_t{site.dns.mta_sts.max_age.count()}},
                                   {"mx", policy_hosts(site)},
                                   {"policy", mta_sts_policy(site)}});
        }
        return report;
    });
}

} // namespace mailctl
