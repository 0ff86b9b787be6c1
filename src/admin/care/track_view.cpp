// SPDX-License-Identifier: Apache-2.0
// A name of a domain is each that its file lists and the one under the alternate suffix.
#include "track_view.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"
#include "mailctl/os/clock.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

std::vector<std::string> names_of_domain(const SiteView& view, const Domain& domain) {
    std::vector<std::string> names{domain.name.text()};
    for (const auto& alias : domain.aliases)
        names.push_back(alias.text());
    if (const auto& suffix = view.site().alternate_suffix) {
        auto joined = domain.name.text();
        std::erase(joined, '.');
        names.push_back(joined + "." + suffix->text());
    }
    return names;
}

void add_user(const SiteView& view, const Domain& domain, const std::string& local, std::vector<AddressRange>& ranges) {
    for (const auto& name : names_of_domain(view, domain)) {
        const auto address = local + "@" + name;
        ranges.push_back(range_of_address(address));
        for (const char delimiter : view.site().addresses.delimiters)
            ranges.push_back(range_of_details(address, delimiter));
    }
}

// Under its own name and its aliases.
void add_mailbox(const SiteView& view, const Domain& domain, const std::string& local,
                 std::vector<AddressRange>& ranges) {
    add_user(view, domain, local, ranges);
    const auto mailbox = domain.mailboxes.find(local);
    if (mailbox == domain.mailboxes.end()) return;
    for (const auto& alias : mailbox->second.aliases)
        add_user(view, domain, fmt::format("{}", alias), ranges);
}

} // namespace

Result<std::optional<std::vector<AddressRange>>> addresses_of_role(const SiteView& view) {
    const Role& role = view.role();
    if (role.kind == Role::Kind::site) return std::nullopt;
    std::vector<AddressRange> ranges;
    std::vector<std::string> notes;
    TRY_ASSIGN(const auto domains, view.usable_domains({}, notes));
    for (const Domain* domain : domains) {
        if (role.administers(*domain)) {
            for (const auto& name : names_of_domain(view, *domain))
                ranges.push_back(range_of_domain(name));
        } else if (role.kind == Role::Kind::user && role.domain && domain->name == *role.domain) {
            add_mailbox(view, *domain, role.local, ranges);
        }
    }
    return ranges;
}

Result<std::vector<AddressRange>> addresses_of_domain(const SiteView& view, std::string_view name) {
    TRY_ASSIGN(const auto parsed, parse_others_domain(name));
    std::vector<AddressRange> ranges{range_of_domain(parsed.text())};
    std::vector<std::string> notes;
    const auto domain = view.usable_domain(parsed, notes);
    if (!domain || *domain == nullptr) return ranges; // of somebody else
    for (const auto& each : names_of_domain(view, **domain))
        ranges.push_back(range_of_domain(each));
    return ranges;
}

Result<std::vector<AddressRange>> addresses_named(std::string_view word) {
    if (word.empty() || word == "<>") return std::vector{range_of_address("")};
    const std::size_t at = word.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == word.size())
        return fail(ErrorKind::usage, fmt::format("'{}' is not an address", printable(word)),
                    "write USER@DOMAIN, or --domain DOMAIN for all of a domain");
    std::vector ranges{range_of_address(word)};
    // a domain may be typed in its own script; logs have either form
    if (const auto domain = parse_others_domain(word.substr(at + 1)))
        ranges.push_back(range_of_address(fmt::format("{}@{}", word.substr(0, at), domain->text())));
    return ranges;
}

Result<std::vector<AddressRange>> addresses_reaching(const SiteView& view, std::string_view word) {
    TRY_ASSIGN(auto ranges, addresses_named(word));
    const auto address = Address::parse(word);
    if (!address) return ranges;
    std::vector<std::string> notes;
    const auto domain = view.usable_domain(address->domain, notes);
    if (domain && *domain != nullptr && (*domain)->mailboxes.contains(address->local.text()))
        add_mailbox(view, **domain, address->local.text(), ranges);
    return ranges;
}

Result<Instant> read_time(std::string_view text, Instant now, DayPart part) {
    if (const auto age = parse_age(text)) return now - *age;
    if (const auto date = parse_date(text)) {
        const auto day = std::chrono::sys_days(*date) + std::chrono::days(part == DayPart::end ? 1 : 0);
        return Instant(day - system_zone_offset(day - system_zone_offset(day)));
    }
    if (const auto time = parse_rfc3339(text)) return *time;
    return fail(ErrorKind::usage, fmt::format("'{}' is not a time", printable(text)),
                "write an age such as '2h' or '7d', a date such as '2026-12-31', or '2026-12-31T23:59:00Z'");
}

Result<MailStatus> read_status(std::string_view text) {
    if (const auto status = find_status(text)) return *status;
    return fail(ErrorKind::usage, fmt::format("'{}' is not a status", printable(text)),
                "one of: queued, deferred, sent, bounced, expired, rejected, held, discarded, filtered, delivered");
}

} // namespace mailctl
