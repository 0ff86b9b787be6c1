// SPDX-License-Identifier: Apache-2.0
// A pattern of banished names takes the mail of every account that it covers: whoever bans, or makes an account under a
// pattern, hears whom it hits before that is so.
#pragma once

#include "mailctl/model/domain.hpp"

#include <string>
#include <vector>

namespace mailctl {

// One sentence for each pattern that covers accounts which it did not cover before: "the banished pattern
// 'ann*@example.org' takes the mail of 'ann@example.org'". `before`: null where the domain is new.
[[nodiscard]] std::vector<std::string> newly_banished(const Domain* before, const Domain& after);

} // namespace mailctl
