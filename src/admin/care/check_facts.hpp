// SPDX-License-Identifier: Apache-2.0
// Gathers the facts that checks look at, each from where it stands. What cannot be looked at is left out, and said.
#pragma once

#include "check_table.hpp"

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// An Error is the site's own: it cannot be read at all. `names`: the domains that are asked about; none: all. Of areas
// that are not asked about nothing is gathered.
[[nodiscard]] Result<SiteFacts> gather_facts(const World& world, const std::string& version,
                                             std::span<const DomainName> names,
                                             const std::set<std::string_view>& areas);

// Parts of it, for texts: the lines of `postconf`, `postconf -M` and `doveconf -n`.
[[nodiscard]] Settings read_postconf(std::string_view text);
[[nodiscard]] std::vector<PostfixService> read_master(std::string_view text);
// Of sections that stand there several times each is kept: "passdb/driver", "passdb#2/driver".
[[nodiscard]] Settings read_doveconf(std::string_view text);
[[nodiscard]] std::vector<std::string> read_passdbs(std::string_view text);
[[nodiscard]] std::vector<std::string> read_local_names(std::string_view text);

} // namespace mailctl
