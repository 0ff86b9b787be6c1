// SPDX-License-Identifier: Apache-2.0
// resolve: the one place that decides who gets a message. Pure, given what a Lookup answers. The agent, `explain` and
// the generated maps all come from here, so they cannot disagree. Order (specification 4): domain, banished (exact,
// pattern), exact name, name without +detail, known candidate, catchrest, `unknown` action.
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
    std::string local_part_characters = "-._"; // what a candidate's name may hold beside lower-case letters and digits
    std::optional<Sender> sender =
        {}; // for the posting policy of lists; absent: nobody asked, the policy is not tested
    std::optional<DomainName> hostname = {}; // of the site: postmaster there is the site's, as `postmaster` alone
    bool is_one_of_many = false;             // machines: members of lists that are not here are of another one
    // Of the walk, what is kept: all that is printed, or for the agent only the steps that say what decided.
    enum class Keep { whole_walk, deciding_steps } keep = Keep::whole_walk;
};
// What marks mail that this host passed on: "paul=example.com@node1.example.net".
[[nodiscard]] Address passing_mark(const Address& recipient, const DomainName& hostname);
[[nodiscard]] ResolveSettings resolve_settings(const Site& site, Date today);

// The Plan for `recipient`. An Error is the Lookup's and always temporary.
//
// Answers: a domain that is not ours is Reject 550 5.1.2; an unknown name 550 5.1.1; banished 550 5.7.1 or Discard;
// suspended 550 5.2.1, Defer 450 4.2.1 or held; a robot that is off and copies to nobody 550 5.2.1; who may not post to
// a list 550 5.7.1; too deep, too wide or too long a walk (base/bounds) is Defer, never cut short. postmaster and abuse
// are never banished, never caught by a catch-all and reachable in a suspended domain; so is postmaster of the host
// itself (RFC 5321 4.5.1). A mailbox named twice gets one copy, and one that forwards to itself keeps one. Mail by
// catch-all or through a list is never answered.
//
// Lists (RFC 5321 3.9.2): members are mailboxes and lists of this site, whatever the file says; any other member is
// left out. Mail with the null sender is not redistributed: accepted and lost. A list within a list is not asked who
// may post; a mailbox reached by a list and directly gets the direct copy.
//
// Names that live on another machine (Elsewhere, `unknown = elsewhere`): a target is handed to the MTA as it is. So is
// mail for one that came to the wrong machine; it is marked, and where it comes back it waits (451 4.4.6), because one
// of the two has yet to learn where it belongs. Nothing here decides for such a name but what is banished.
//
// A domain with relay_to passes on what it accepts, also what its `unknown` action discards; never what is banished.
//
// What a target of a forward or redirect answers does not stop the others: one that does not exist or refuses is left
// out (the walk says so), one that must wait is handed to the MTA as a forward to itself, which waits with it. If
// nothing else remains, that answer becomes the recipient's, except that a target which does not exist is Defer
// 451 4.3.5: a mistake in the configuration is not the sender's. A loop without a mailbox in it is Reject 554 5.4.6.
[[nodiscard]] Result<Plan> resolve(const Lookup& lookup, const ResolveSettings& settings, const Address& recipient);

// The Plan for every name of `domain` that no rule before catchrest claims: catchrest, then the `unknown` action. The
// recipient is a stand-in, so `unknown = domain` is not followed: nullopt, because there the name decides.
[[nodiscard]] Result<std::optional<Plan>> resolve_unclaimed(const Lookup& lookup, const ResolveSettings& settings,
                                                            const DomainName& domain);

} // namespace mailctl
