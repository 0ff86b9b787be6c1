// SPDX-License-Identifier: Apache-2.0
// The part of a domain that a change touches: its entities that differ, beside what the domain says of itself.
#pragma once

#include "mailctl/model/domain.hpp"

#include <set>

namespace mailctl {

struct DomainPart {
    // Without entities that are the same on both sides; nullopt: no such domain then.
    std::optional<Domain> before, after;
    bool is_whole = false;       // everything: the domain comes, goes, or differs in what concerns all of its names
    std::set<std::string> names; // local parts that somebody claims in one of the parts, and banished ones that differ
};
// Owner, limits, DMARC and node of a domain are nobody's names: they make no difference here.
[[nodiscard]] DomainPart changed_part(const std::optional<Domain>& before, const std::optional<Domain>& after);

} // namespace mailctl
