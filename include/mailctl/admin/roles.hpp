// SPDX-License-Identifier: Apache-2.0
// The facts behind admin/rights, from the site: whether the account of --as exists, and whose the named domains are.
#pragma once

#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

// usage: no account by its form. denied: no such account here, or one that is suspended. An owner is not looked for:
// one without a domain simply has rights over none.
[[nodiscard]] Result<Role> find_role(const World& world, std::string_view as);

struct NamedTarget {
    std::string word; // as typed
    DomainName domain;
    std::optional<LocalPart> local = {};
};
[[nodiscard]] Result<std::vector<RightTarget>> find_right_targets(const World& world,
                                                                  std::span<const NamedTarget> named);
// What a listing without targets is about, for a role that is not the site's administrator. denied: nothing is.
[[nodiscard]] Result<std::vector<DomainName>> domains_of(const World& world, const Role& role);

} // namespace mailctl
