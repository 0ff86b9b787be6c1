// SPDX-License-Identifier: Apache-2.0
// state.db was lost. What the mail root tells is remembered again: candidates from their held Maildirs, deleted
// mailboxes from the names in the archive area. Who was answered when is gone for good.
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// A line for each kind of thing; nothing where state.db is there. It is there whole or not at all, whenever this is
// killed. Caller holds the site lock.
[[nodiscard]] Result<std::vector<std::string>> recall_lost_state(const SiteView& view);

} // namespace mailctl
