// SPDX-License-Identifier: Apache-2.0
// Doubts: what no file has wrong, and what still takes mail from somebody: a banished pattern over accounts, a target
// that is gone, a domain that is the host's own name. The commands that bring it about say so; this says it again.
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// One sentence each, of all domains as applied.
[[nodiscard]] Result<std::vector<std::string>> find_doubts(const World& world, const SiteView& view);

} // namespace mailctl
