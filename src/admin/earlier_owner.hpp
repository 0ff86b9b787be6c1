// SPDX-License-Identifier: Apache-2.0
// A domain that was given up and made again may be somebody else's by now: what was deleted before is none of his.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/tombstones.hpp"

namespace mailctl {

// Those that the view's role may know of, and have back: the site's administrator of all, who administers a domain of
// those that were deleted since it was made, a user of none. A change that was reverted gives a domain back to whom it
// belonged, and makes none. Reads the history once.
[[nodiscard]] std::vector<Tombstone> within_role(const SiteView& view, std::vector<Tombstone> tombstones);

} // namespace mailctl
