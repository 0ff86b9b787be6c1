// SPDX-License-Identifier: Apache-2.0
// Where and who: the site that --root or MAILCTL_ROOT names, the domain that MAILCTL_DOMAIN names, the actor for the
// history. An option wins over its environment variable; an empty variable counts as absent.
#pragma once

#include "arguments.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

// usage: --root without a directory. The root is made absolute: maps and the history name its files.
[[nodiscard]] Result<Paths> find_paths(const Arguments& arguments);
[[nodiscard]] Result<World> make_world(const Arguments& arguments, std::span<const std::string> words);
// --domain, then MAILCTL_DOMAIN. invalid: it is no domain name.
[[nodiscard]] Result<std::optional<DomainName>> find_default_domain(const Arguments& arguments);

} // namespace mailctl
