// Rows of the Postfix tables from the plans of a domain's names.
#include "mailctl/exchange/postfix_maps.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

std::string address_of(std::string_view key, const DomainName& domain) {
    return fmt::format("{}@{}", key, domain.text());
}

std::vector<MapRow> sorted(std::vector<MapRow> rows) {
    std::ranges::sort(rows);
    return rows;
}

// Final targets as virtual(5) reads them.
std::string targets_of(const Deliver& deliver) {
    std::vector<std::string> targets;
    for (const auto& delivery : deliver.deliveries) {
        const auto* local = std::get_if<LocalDelivery>(&delivery);
        targets.push_back(local != nullptr ? local->mailbox.text() : std::get<ForwardDelivery>(delivery).to.text());
    }
    return join(targets, ", ");
}

// Mail that reaches nobody, in a form that transport_maps can say; "" = delivered.
std::string transport_of(const Outcome& outcome, MapMode mode) {
    if (const auto* reject = std::get_if<Reject>(&outcome))
        return fmt::format("error:{} {}", reject->enhanced, reject->text);
    if (mode == MapMode::agent) return {}; // the agent discards and defers
    if (const auto* defer = std::get_if<Defer>(&outcome))
        return fmt::format("retry:{} {}", defer->enhanced, defer->text);
    return std::holds_alternative<Discard>(outcome) ? "discard:discarded as configured" : "";
}

// In virtual(5) there is no row that means "any other name, but not delivered". So such names become catchrest@domain,
// which nobody holds (or it would have taken them), and transport_maps says what happens to it.
Address stand_in(const NamePlans& plans) {
    return {LocalPart::from_trusted(std::string(catchrest_name)), plans.domain};
}
bool needs_stand_in(const NamePlans& plans) {
    return !plans.passed_to && plans.accepts_any_name() && !std::holds_alternative<Deliver>(plans.unclaimed);
}

std::string unclaimed_target(const NamePlans& plans) {
    if (plans.passed_to) return '@' + plans.passed_to->text(); // keeps the local part
    if (const auto* deliver = std::get_if<Deliver>(&plans.unclaimed)) return targets_of(*deliver);
    return stand_in(plans).text();
}

} // namespace

std::vector<MapRow> domain_rows(const NamePlans& plans) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names)
        rows.push_back({name.text(), plans.domain.text()});
    return rows;
}

std::vector<MapRow> recipient_rows(const NamePlans& plans) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names) {
        if (plans.accepts_any_name()) rows.push_back({'@' + name.text(), "any name"});
        for (const auto& [key, plan] : plans.claimed)
            if (!std::holds_alternative<Reject>(plan.outcome))
                rows.push_back({address_of(key, name), address_of(key, plans.domain)});
    }
    return sorted(std::move(rows));
}

std::vector<MapRow> maildir_rows(const MapContext& context, const Domain& domain) {
    std::vector<MapRow> rows;
    for (const auto& [key, mailbox] : domain.mailboxes) {
        const Address address{LocalPart::from_trusted(key), domain.name};
        rows.push_back({address_of(key, domain.name), context.mailbox_directory(address) + '/'});
    }
    return sorted(std::move(rows));
}

std::vector<MapRow> alias_rows(const NamePlans& plans) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names) {
        if (plans.accepts_any_name()) rows.push_back({'@' + name.text(), unclaimed_target(plans)});
        for (const auto& [key, plan] : plans.claimed) {
            const auto* deliver = std::get_if<Deliver>(&plan.outcome);
            const Address itself{LocalPart::from_trusted(key), name};
            rows.push_back({address_of(key, name), deliver != nullptr ? targets_of(*deliver) : itself.text()});
        }
    }
    if (needs_stand_in(plans) && !plans.claimed.contains(std::string(catchrest_name)))
        rows.push_back({stand_in(plans).key(), stand_in(plans).text()});
    return sorted(std::move(rows));
}

std::vector<MapRow> transport_rows(const NamePlans& plans, MapMode mode) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names)
        for (const auto& [key, plan] : plans.claimed)
            if (const auto transport = transport_of(plan.outcome, mode); !transport.empty())
                rows.push_back({address_of(key, name), transport});
    if (mode == MapMode::postfix && needs_stand_in(plans) && !plans.claimed.contains(std::string(catchrest_name)))
        rows.push_back({stand_in(plans).key(), transport_of(plans.unclaimed, mode)});
    return sorted(std::move(rows));
}

std::vector<MapRow> refused_rows(const NamePlans& plans) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names)
        for (const auto& [key, plan] : plans.claimed)
            if (const auto* reject = std::get_if<Reject>(&plan.outcome))
                rows.push_back(
                    {address_of(key, name), fmt::format("{} {} {}", reject->code, reject->enhanced, reject->text)});
    return sorted(std::move(rows));
}

std::vector<MapRow> sender_login_rows(const Domain& domain, const std::vector<DomainName>& names) {
    std::vector<MapRow> rows;
    for (const auto& name : names)
        for (const auto& [key, mailbox] : domain.mailboxes) {
            const auto login = address_of(key, domain.name);
            rows.push_back({address_of(key, name), login});
            for (const auto& alias : mailbox.aliases)
                rows.push_back({address_of(alias, name), login});
        }
    return sorted(std::move(rows));
}

std::vector<MapRow> sni_rows(const Domain& domain) {
    if (!domain.tls) return {};
    const auto files = domain.tls->key + ' ' + domain.tls->certificate;
    return {{'.' + domain.name.text(), files}, {domain.name.text(), files}};
}

std::map<DomainName, std::string> source_addresses(const Site& site, const ModelLookup::Domains& domains) {
    std::map<DomainName, std::string> chosen;
    std::map<std::string, unsigned> uses;
    for (const auto& [name, domain] : domains) {
        if (domain.source_ip.empty() || domain.source_ip == "auto") continue;
        chosen.emplace(name, domain.source_ip);
        ++uses[domain.source_ip];
    }
    if (site.source_ips.empty()) return chosen;
    for (const auto& [name, domain] : domains) {
        if (domain.source_ip != "auto") continue;
        const auto& least = *std::ranges::min_element(site.source_ips, {}, [&](const auto& ip) { return uses[ip]; });
        chosen.emplace(name, least);
        ++uses[least];
    }
    return chosen;
}

std::string source_transport(std::string_view ip) {
    auto name = fmt::format("out-{}", fold(ip));
    std::ranges::replace_if(
        name, [](char c) { return c == '.' || c == ':'; }, '-');
    return name;
}

} // namespace mailctl
