// SPDX-License-Identifier: Apache-2.0
// Who refers to an address: forwards, copies, redirects, members of lists, in its own domain and in all others. Which
// other domains mention it the compiled directory knows, and only those are read.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

// "forward 'info@a.example'", "mailbox 'ann@b.example' (copy_to)", one for each place, sorted by domain. References
// from within `addresses` themselves do not count.
[[nodiscard]] Result<std::vector<std::string>> find_references(const SiteView& view,
                                                               std::span<const Address> addresses);
// Who outside `domains` redirects or forwards into them.
[[nodiscard]] Result<std::vector<std::string>> find_references(const SiteView& view,
                                                               std::span<const DomainName> domains);
// conflict: the list of them.
[[nodiscard]] Status refuse_if_referred_to(const SiteView& view, std::span<const Address> addresses);
[[nodiscard]] Status refuse_if_referred_to(const SiteView& view, std::span<const DomainName> domains);

// For names that are deleted without more ado, as forwards, aliases, robots and lists are. conflict: others lead to one
// of them, and nobody said --yes; mail for those would wait for ever.
[[nodiscard]] Status refuse_to_leave_dangling(const SiteView& view, std::span<const Address> names,
                                              const ChangeOptions& options);

// `home`, and every other domain whose applied file mentions one of its names. invalid: one of those does not parse.
[[nodiscard]] Result<std::vector<const Domain*>> domains_that_may_name(const SiteView& view, const Domain& home);

} // namespace mailctl
