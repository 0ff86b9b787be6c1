// SPDX-License-Identifier: Apache-2.0
// Rows of the Postfix tables from the plans of a domain's names.
#include "postfix_maps.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/certificate_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// As Postfix looks it up: with quotes around the local part where RFC 5321 wants them.
std::string address_of(std::string_view key, const DomainName& domain) {
    return Address{LocalPart::from_trusted(std::string(key)), domain}.text();
}

std::vector<MapRow> sorted(std::vector<MapRow> rows) {
    std::ranges::sort(rows);
    return rows;
}

// Final targets as virtual(5) reads them; absent where nothing is delivered.
std::optional<std::string> targets_of(const Outcome& outcome) {
    const auto* deliver = std::get_if<Deliver>(&outcome);
    if (deliver == nullptr) return std::nullopt;
    std::vector<std::string> targets;
    for (const auto& delivery : deliver->deliveries) {
        if (const auto* local = std::get_if<LocalDelivery>(&delivery)) targets.push_back(local->mailbox.text());
        if (const auto* forward = std::get_if<ForwardDelivery>(&delivery)) targets.push_back(forward->to.text());
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
    return !plans.passed_to && plans.accepts_any_name() && !targets_of(plans.unclaimed); // discard, defer
}

std::string unclaimed_target(const NamePlans& plans, const DomainName& name) {
    const bool is_kept = plans.unclaimed_by_agent || !plans.unclaimed_elsewhere.empty();
    if (is_kept) return '@' + name.text();                     // stays what it is
    if (plans.passed_to) return '@' + plans.passed_to->text(); // keeps the local part
    return targets_of(plans.unclaimed).value_or(stand_in(plans).text());
}

bool holds_candidates(const Outcome& unclaimed) {
    const auto* deliver = std::get_if<Deliver>(&unclaimed);
    return deliver != nullptr && std::ranges::any_of(deliver->deliveries, [](const Delivery& delivery) {
               const auto* hold = std::get_if<HoldDelivery>(&delivery);
               return hold != nullptr && hold->why == HoldDelivery::Why::candidate;
           });
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
        if (plans.accepts_any_name()) rows.push_back({'@' + name.text(), unclaimed_target(plans, name)});
        for (const auto& [key, plan] : plans.claimed) {
            const Address itself{LocalPart::from_trusted(key), name};
            const auto targets = plans.by_agent.contains(key) ? std::nullopt : targets_of(plan.outcome);
            rows.push_back({address_of(key, name), targets.value_or(itself.text())});
        }
    }
    if (needs_stand_in(plans) && !plans.claimed.contains(std::string(catchrest_name)))
        rows.push_back({stand_in(plans).key(), stand_in(plans).text()});
    return sorted(std::move(rows));
}

namespace {

// All names of the domain go to the agent, but for those that have a row of their own: here the others get one.
void add_agents_rows(const NamePlans& plans, std::string_view agent, std::vector<MapRow>& rows) {
    for (const auto& name : plans.names) {
        for (const auto& key : plans.by_agent)
            rows.push_back({address_of(key, name), std::string(agent)});
        if (plans.unclaimed_by_agent) rows.push_back({name.text(), std::string(agent)});
    }
    if (!plans.unclaimed_by_agent) return;
    for (const auto& [key, plan] : plans.claimed)
        if (std::holds_alternative<Deliver>(plan.outcome) && !plans.by_agent.contains(key) &&
            !plans.elsewhere.contains(key))
            rows.push_back({address_of(key, plans.domain), "virtual:"});
}

// Of names on other machines. Where those are the rest of the domain, the names that are here say that they are.
void add_elsewhere_rows(const NamePlans& plans, MapMode mode, std::string_view agent, std::vector<MapRow>& rows) {
    for (const auto& name : plans.names) {
        for (const auto& [key, transport] : plans.elsewhere)
            rows.push_back({address_of(key, name), transport});
        if (plans.unclaimed_elsewhere.empty()) continue;
        rows.push_back({name.text(), plans.unclaimed_elsewhere});
        for (const auto& [key, plan] : plans.claimed) {
            if (!std::holds_alternative<Reject>(plan.outcome) && !plans.elsewhere.contains(key) &&
                !plans.by_agent.contains(key) && transport_of(plan.outcome, mode).empty())
                rows.push_back({address_of(key, name), mode == MapMode::agent ? std::string(agent) : "virtual:"});
        }
    }
}

} // namespace

std::vector<MapRow> transport_rows(const NamePlans& plans, MapMode mode, std::string_view agent) {
    std::vector<MapRow> rows;
    for (const auto& name : plans.names)
        for (const auto& [key, plan] : plans.claimed)
            if (const auto transport = transport_of(plan.outcome, mode); !transport.empty())
                rows.push_back({address_of(key, name), transport});
    if (mode == MapMode::postfix) add_agents_rows(plans, agent, rows);
    add_elsewhere_rows(plans, mode, agent, rows);
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

std::vector<MapRow> verify_rows(const NamePlans& plans) {
    if (!holds_candidates(plans.unclaimed)) return {};
    std::vector<MapRow> rows;
    for (const auto& name : plans.names) {
        rows.push_back({name.text(), "reject_unverified_recipient"});
        for (const auto& [key, plan] : plans.claimed)
            rows.push_back({address_of(key, name), "DUNNO"});
    }
    return sorted(std::move(rows));
}

std::vector<MapRow> sender_login_rows(const Domain& domain, const std::vector<DomainName>& names) {
    std::vector<MapRow> rows;
    if (domain.state == DomainState::suspended) return rows;
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
    std::vector<MapRow> rows;
    for (const auto* name : tls_names(domain)) {
        rows.push_back({'.' + name->text(), files});
        rows.push_back({name->text(), files});
    }
    return rows;
}

namespace {

// One that was taken out of the pool is nobody's any more.
bool is_in_pool(const Site& site, std::string_view ip) {
    return std::ranges::find(site.source_ips, ip) != site.source_ips.end();
}

} // namespace

std::map<DomainName, std::string> source_addresses(const Site& site, std::span<const SendingDomain> domains) {
    std::map<DomainName, std::string> chosen;
    std::map<std::string, unsigned> uses;
    for (const auto& domain : domains) {
        const bool is_drawn = domain.source_ip == "auto";
        const auto& own = is_drawn ? domain.chosen : domain.source_ip;
        if (own.empty() || (is_drawn && !is_in_pool(site, own))) continue;
        chosen.emplace(domain.name, own);
        ++uses[own];
    }
    if (site.source_ips.empty()) return chosen;
    for (const auto& domain : domains) {
        if (domain.source_ip != "auto" || chosen.contains(domain.name)) continue;
        const auto& least = *std::ranges::min_element(site.source_ips, {}, [&](const auto& ip) { return uses[ip]; });
        chosen.emplace(domain.name, least);
        ++uses[least];
    }
    return chosen;
}

} // namespace mailctl
