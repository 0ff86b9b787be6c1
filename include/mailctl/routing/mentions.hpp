// SPDX-License-Identifier: Apache-2.0
// Mentions: what a domain says of names, its own and those of others: targets, members, redirects, owners. Compiled
// into the directory, so that "who refers to this address" is one look and not a search through every domain file.
#pragma once

#include "mailctl/routing/lookup.hpp"

#include <compare>
#include <map>
#include <string>
#include <vector>

namespace mailctl {

struct Mention {
    std::string local;  // folded, with its detail, as written; "" = the domain as a whole (`unknown = domain`)
    std::string holder; // a local part of the domain that mentions, whose mail depends on it; "" = the domain itself
    auto operator<=>(const Mention&) const = default;
};
// By the domain as it is written there, which may be an alias of one; sorted, each once. What a mailbox says its
// aliases say too; a list without an owner has the domain's postmaster.
[[nodiscard]] std::map<DomainName, std::vector<Mention>> mentions_of(const Domain& domain);

// A lookup that is also asked backwards: what leads to a name.
class LinkedLookup : public Lookup {
  public:
    using Mentions = std::map<DomainName, std::vector<Mention>>; // by the real name of who mentions
    // The names that the domain claims: its own, aliases, the alternate one. Empty: no such domain.
    [[nodiscard]] virtual Result<std::vector<DomainName>> claimed_names(const DomainName& real) const = 0;
    // Who mentions names of `asked`. Only what is written with that very name: other names of the same domain are asked
    // for by themselves. The cost is that of the mentions there are.
    [[nodiscard]] virtual Result<Mentions> find_mentions(const DomainName& asked) const = 0;
};

} // namespace mailctl
