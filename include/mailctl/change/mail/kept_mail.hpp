// SPDX-License-Identifier: Apache-2.0
// Mail that waits: held for a suspension that is over by now, archived until a day that has come, owed to a change
// because its disk was away. `mailctl apply` settles it too, with everything else; here nothing but mail is looked at.
#pragma once

#include "mailctl/site/world.hpp"

#include <string>
#include <vector>

namespace mailctl {

struct KeptMail {
    std::vector<std::string> done, unfinished; // a line for each
};
// Takes the lock itself. For a dry run: what would be done.
[[nodiscard]] Result<KeptMail> settle_kept_mail(const World& world, const ChangeOptions& options);

} // namespace mailctl
