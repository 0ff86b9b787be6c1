// SPDX-License-Identifier: Apache-2.0
// Mentions: what a domain says of names, its own and those of others: targets, members, redirects, owners. Compiled
// into the directory, so that "who refers to this address" is one look and not a search through every domain file.
#pragma once

#include "mailctl/model/domain.hpp"

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

} // namespace mailctl
