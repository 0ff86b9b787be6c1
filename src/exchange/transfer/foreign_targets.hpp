// SPDX-License-Identifier: Apache-2.0
// Where another product sends the mail of an address: other addresses, the address itself, a whole domain, and what is
// no address at all.
#pragma once

#include "mailctl/config/names.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

enum class BareNames { own, refused }; // targets without a domain: of the address's domain, or nobody knows of which

struct ForeignTargets {
    std::vector<std::string> others = {};  // each once
    bool stays = false;                    // the address is among its targets
    std::string left_out = {};             // why this is about no account: one domain is another name of another
    std::optional<Objection> problem = {}; // a target that mail cannot be sent to here
};
[[nodiscard]] ForeignTargets sort_targets(std::string_view address, std::span<const std::string_view> targets,
                                          BareNames bare);

} // namespace mailctl
