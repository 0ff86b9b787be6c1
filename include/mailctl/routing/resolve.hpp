// resolve: the one place that decides who gets a message. Pure, given what a Lookup answers. The agent, `explain` and the
// generated maps all come from here, so they cannot disagree.
// Order (SPEC section 4): domain, banished (exact, pattern), exact name, name without +detail, catchrest, `unknown` action.
#pragma once

#include "mailctl/routing/lookup.hpp"
#include "mailctl/routing/plan.hpp"

namespace mailctl {

struct ResolveSettings {
    std::string delimiters = "+";
    unsigned max_depth = 20;
    unsigned max_expansion = 1000;
    std::optional<Address> postmaster; // the site's, for postmaster@ and abuse@ that a domain does not name itself
    Date today{};                      // for suspensions with an end
};
[[nodiscard]] ResolveSettings resolve_settings(const Site& site, Date today);

// The Plan for `recipient`. A domain that is not ours is Reject 550 5.1.2; too deep or too wide is Defer; a loop without
// a mailbox in it is Reject 554 5.4.6. A mailbox named twice gets one copy. An Error is the Lookup's and always temporary.
[[nodiscard]] Result<Plan> resolve(const Lookup& lookup, const ResolveSettings& settings, const Address& recipient);

} // namespace mailctl
