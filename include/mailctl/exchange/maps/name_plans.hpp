// SPDX-License-Identifier: Apache-2.0
// What becomes of every name of one domain, asked of the resolver once and used by all maps, so that maps and agent
// cannot disagree: the names somebody claims, one by one, and the rest, which the catch-all decides.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

#include <map>
#include <optional>
#include <set>

namespace mailctl {

struct NamePlans {
    DomainName domain;                   // real name
    std::vector<DomainName> names;       // under which it receives: real, aliases, alternate; sorted
    std::map<std::string, Plan> claimed; // by folded local part; postmaster and abuse always among them
    // Names nobody claims: `unclaimed` is their outcome. With `unknown = domain` and an end that takes any name, they
    // are passed on to `passed_to`. If that chain of domains ends in a refusal, the names claimed there are in
    // `claimed`.
    Outcome unclaimed;
    std::optional<DomainName> passed_to;
    std::vector<Ban> patterns;
    // Postfix mode: what virtual(5) has no words for, because it is more than a list of addresses: lists, replies, held
    // mail, relays. These names stay as they are and go to the agent.
    std::set<std::string> by_agent; // of `claimed`
    bool unclaimed_by_agent = false;
    // Names that live on another machine of the site, with the transport that leads there; names nobody claims here,
    // "" = they are this machine's to decide.
    std::map<std::string, std::string> elsewhere = {};
    std::string unclaimed_elsewhere = {};

    [[nodiscard]] bool accepts_any_name() const { return !std::holds_alternative<Reject>(unclaimed); }
};

// Others' names, which are banished, may begin with '#'. A line of a Postfix table may not: patterns say them.
[[nodiscard]] bool begins_like_a_comment(std::string_view name);

// How maps ask the resolver. The agent looks at its own calendar: a map that said "suspended until Friday" would still
// say so on Saturday. So in agent mode a suspension with an end counts as over, and the agent answers while it holds.
[[nodiscard]] ResolveSettings settings_for_maps(const MapContext& context, const Site& site);

// `among`: only of these names, as far as somebody claims them; null: of all. Then the rest of `domain` and of the
// source's domains is not looked at, only what the lookup answers.
[[nodiscard]] Result<NamePlans> plan_names(const MapSource& source, const Domain& domain,
                                           const std::set<std::string>* among = nullptr);
// The names under which a domain receives mail, sorted. One that another domain claims with more right is left out.
[[nodiscard]] Result<std::vector<DomainName>> names_of(const MapSource& source, const Domain& domain);

} // namespace mailctl
