// SPDX-License-Identifier: Apache-2.0
// What is counted of candidates against what lies on disk: where a delivery died in between, the count bounds mail that
// nobody sent. For `mailctl apply` and `candidate expire`.
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Of those that got no mail for an hour; a line for each that was counted wrong. Caller holds the site lock.
[[nodiscard]] Status recount_candidates(const World& world, const SiteView& view, std::vector<std::string>& notes);

} // namespace mailctl
