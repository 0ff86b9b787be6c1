// SPDX-License-Identifier: Apache-2.0
// The names of a domain and what the resolver says about each.
#include "mailctl/exchange/maps/name_plans.hpp"

#include "node_transport.hpp"

#include <algorithm>

namespace mailctl {

namespace {

// Where names go that nobody claims: through domains with `unknown = domain` to the first that decides.
struct Chain {
    std::vector<DomainName> through; // after the domain itself
    std::optional<DomainName> next;  // the first of them, or one elsewhere
    Outcome end;
};

Result<Chain> follow(const MapSource& source, const ResolveSettings& settings, const Domain& domain) {
    Chain chain;
    DomainEntry here = domain_entry(domain, DomainRelation::itself);
    std::set<DomainName> seen;
    while (seen.insert(here.name).second) {
        if (here.suspended) {
            chain.end = Defer{450, "4.2.1", "domain is suspended"};
            return chain;
        }
        TRY_ASSIGN(auto plan, resolve_unclaimed(source.lookup, settings, here.name));
        if (plan) {
            chain.end = std::move(plan->outcome);
            return chain;
        }
        TRY_ASSIGN(auto next, source.lookup.find_domain(here.unknown.domain.value_or(here.name)));
        if (!chain.next) chain.next = next ? next->name : here.unknown.domain;
        if (!next) { // elsewhere: any name may exist there
            chain.end = Deliver{};
            return chain;
        }
        here = std::move(*next);
        chain.through.push_back(here.name);
    }
    chain.end = Reject{550, "5.1.1", "no such user"};
    return chain;
}

void add_claimed(std::set<std::string>& keys, const Domain& domain) {
    for (const auto& [key, entry] : name_entries(domain))
        keys.insert(key);
    for (const auto& [key, answer] : banished_entries(domain))
        keys.insert(key);
}

Status add_claimed(std::set<std::string>& keys, const std::set<std::string>& among, const Lookup& lookup,
                   const DomainName& domain) {
    for (const auto& key : among) {
        TRY_ASSIGN(const auto name, lookup.find_name(domain, key));
        TRY_ASSIGN(const auto ban, lookup.find_banished(domain, key));
        if (name || ban) keys.insert(key);
    }
    return {};
}

// Names that somebody claims, in the domain or in those that decide for it.
Result<std::set<std::string>> claimed_keys(const MapSource& source, const Domain& domain,
                                           const std::vector<DomainName>& through, const std::set<std::string>* among) {
    std::set<std::string> keys{"abuse", "postmaster"};
    if (!among) add_claimed(keys, domain);
    if (among) {
        TRY(add_claimed(keys, *among, source.lookup, domain.name));
    }
    for (const auto& other : through) {
        if (among) {
            TRY(add_claimed(keys, *among, source.lookup, other));
        } else {
            TRY_ASSIGN(const auto found, source.find_domain(other));
            if (found) add_claimed(keys, *found);
        }
    }
    return keys;
}

// A mailbox with an autoreply that a catch-all leads to does not answer; Postfix would send it there as direct mail.
Result<bool> answers(const MapSource& source, const Address& mailbox) {
    TRY_ASSIGN(const auto entry, source.lookup.find_name(mailbox.domain, mailbox.local.key()));
    const auto* found = entry ? std::get_if<MailboxEntry>(&*entry) : nullptr;
    return found != nullptr && found->has_autoreply;
}

Result<bool> needs_agent(const MapSource& source, const Outcome& outcome) {
    const auto* deliver = std::get_if<Deliver>(&outcome);
    if (deliver == nullptr) return false;
    if (!deliver->responders.empty()) return true;
    for (const auto& delivery : deliver->deliveries) {
        if (const auto* forward = std::get_if<ForwardDelivery>(&delivery); forward != nullptr && !forward->list)
            continue;
        const auto* local = std::get_if<LocalDelivery>(&delivery);
        if (local == nullptr || local->list) return true;
        TRY_ASSIGN(const bool answering, answers(source, local->mailbox));
        if (answering) return true;
    }
    return false;
}

// Banished names that no row can say: its line would be a comment.
void make_patterns(const Domain& domain, NamePlans& plans) {
    for (const Ban& ban : domain.banished) {
        if (ban.is_pattern() || !begins_like_a_comment(ban.name)) continue;
        plans.patterns.push_back(ban);
        plans.claimed.erase(ban.name);
    }
}

Status find_agents_part(const MapSource& source, const Domain& domain, NamePlans& plans) {
    for (const auto& [key, plan] : plans.claimed) {
        TRY_ASSIGN(const bool by_agent, needs_agent(source, plan.outcome));
        if (by_agent) plans.by_agent.insert(key);
    }
    if (plans.passed_to) {
        plans.unclaimed_by_agent = !domain.relay_to.empty();
    } else {
        TRY_ASSIGN(plans.unclaimed_by_agent, needs_agent(source, plans.unclaimed));
    }
    return {};
}

// The machine that a plan does nothing but hand the name itself on to; "" = it does something else.
std::string only_machine(const Outcome& outcome, const Address& itself) {
    const auto* deliver = std::get_if<Deliver>(&outcome);
    if (deliver == nullptr || deliver->deliveries.size() != 1) return {};
    const auto* forward = std::get_if<ForwardDelivery>(&deliver->deliveries.front());
    return forward != nullptr && forward->to.key() == itself.key() ? forward->node : std::string();
}

void find_elsewhere(const MapSource& source, NamePlans& plans) {
    for (const auto& [key, plan] : plans.claimed)
        if (const auto node = only_machine(plan.outcome, {LocalPart::from_trusted(key), plans.domain}); !node.empty())
            plans.elsewhere.emplace(key, node_transport(source.site.nodes, node));
    if (const auto node = only_machine(plans.unclaimed, {LocalPart::from_trusted("*"), plans.domain}); !node.empty())
        plans.unclaimed_elsewhere = node_transport(source.site.nodes, node);
}

} // namespace

bool begins_like_a_comment(std::string_view name) { return name.starts_with('#'); }

ResolveSettings settings_for_maps(const MapContext& context, const Site& site) {
    using namespace std::chrono;
    const Date never{9999y / 12 / 31};
    return resolve_settings(site, site.maps.mode == MapMode::agent ? never : context.today);
}

Result<std::vector<DomainName>> names_of(const MapSource& source, const Domain& domain) {
    std::set<DomainName> wanted(domain.aliases.begin(), domain.aliases.end());
    wanted.insert(domain.name);
    if (source.site.alternate_suffix) wanted.insert(alternate_name(domain.name, *source.site.alternate_suffix));
    std::vector<DomainName> names;
    for (const auto& name : wanted) {
        TRY_ASSIGN(const auto entry, source.lookup.find_domain(name));
        if (entry && entry->name == domain.name) names.push_back(name);
    }
    return names;
}

Result<NamePlans> plan_names(const MapSource& source, const Domain& domain, const std::set<std::string>* among) {
    const auto settings = settings_for_maps(source.context, source.site);
    TRY_ASSIGN(auto names, names_of(source, domain));
    TRY_ASSIGN(auto chain, follow(source, settings, domain));
    NamePlans plans{domain.name, std::move(names), {}, std::move(chain.end), {}, {}, {}};
    plans.patterns = domain_entry(domain, DomainRelation::itself).patterns;
    if (plans.accepts_any_name()) plans.passed_to = chain.next;

    TRY_ASSIGN(
        const auto keys,
        claimed_keys(source, domain, plans.accepts_any_name() ? std::vector<DomainName>{} : chain.through, among));
    for (const auto& key : keys) {
        TRY_ASSIGN(auto plan, resolve(source.lookup, settings, {LocalPart::from_trusted(key), domain.name}));
        plans.claimed.emplace(key, std::move(plan));
    }
    make_patterns(domain, plans);
    TRY(find_agents_part(source, domain, plans));
    find_elsewhere(source, plans);
    return plans;
}

} // namespace mailctl
