// SPDX-License-Identifier: Apache-2.0
// Facts of the area dns beside what the rounds of `dns check` remember.
#pragma once

#include "check_table.hpp"

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Steps of DKIM keys that `dkim rotate` could have done days ago.
void add_key_steps(SiteFacts& facts, const SiteView& view);
// Asks the resolver for what Postfix, as it stands in `facts`, depends on: block lists and names of IPv6 addresses.
void ask_dns(SiteFacts& facts);

// Part of it: block lists that main.cf asks, without their filters: "zen.spamhaus.org".
[[nodiscard]] std::vector<std::string> blocklists_in_main(const SiteFacts& facts);

} // namespace mailctl
