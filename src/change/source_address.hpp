// SPDX-License-Identifier: Apache-2.0
// The address that a domain with source_ip = "auto" leaves from: drawn once from the site's pool, and kept in its file.
#pragma once

#include "mailctl/change/validation.hpp"

namespace mailctl {

// Draws one for each of the domains that has none, or one that is in the pool no more: the one it leaves from already,
// else the least used. Texts of drafts and models alike say it then. Of a domain that says an address itself, or
// nothing, the one that was drawn goes.
[[nodiscard]] Status draw_source_addresses(const SiteView& view, Validated& validated, std::vector<Draft>& drafts);

} // namespace mailctl
