// SPDX-License-Identifier: Apache-2.0
// `mailctl housekeeping`: what is due is done, step by step; none waits for the success of another.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

struct Housekeeping {
    ChangeOptions options;
    bool tells_everything = false; // also what needs nobody
};
// A row per step: step, done (lines), problems (lines). Notes are the problems alone. Status 6 where there are any.
// missing: there is no site.
[[nodiscard]] Result<Report> keep_house(const World& world, const Housekeeping& request);

} // namespace mailctl
