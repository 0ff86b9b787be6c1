// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/plan.hpp"

#include "elsewhere.hpp"

namespace mailctl {

bool is_elsewhere(const Plan& plan) {
    const auto* reject = std::get_if<Reject>(&plan.outcome);
    return reject != nullptr && reject->enhanced == elsewhere_code;
}

} // namespace mailctl
