// SPDX-License-Identifier: Apache-2.0
// What a node does about mail that moves to it or away from it, after each pull: the source tells what it holds once no
// delivery is under way that began before; the target fetches until it holds the same. Both may be killed at any
// instant: everything is done again, and nothing of the source is touched.
#pragma once

#include "mailctl/site/world.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mailctl {

// `generation`: which is in force here. Lines for each step that was done; what did not work is reported to the
// database, where the administration host sees it, and tried again at the next pull. temporary: the database is down.
[[nodiscard]] Result<std::vector<std::string>> carry_mail(const World& world, const std::string& node,
                                                          std::int64_t generation);

} // namespace mailctl
