// SPDX-License-Identifier: Apache-2.0
// Whether drafts may become the site: each file by itself (config), then what only shows across files (routing): a
// domain name used twice, loops, unknown targets that redirect nowhere. Looks at the changed domains and asks the
// compiled directory about all others, so that the cost does not grow with the site.
#pragma once

#include "mailctl/change/changes.hpp"
#include "mailctl/change/maps/files.hpp"

namespace mailctl {

struct Validated {
    Site site;                            // as it will be
    ChangedDomains domains;               // those of the drafts, as they will be
    ChangedDomains before;                // and as applied so far
    std::vector<std::string> unused_keys; // kept but not acted on yet, with their places
    std::vector<std::string> notes;       // what is allowed but doubtful
};
// What a revert brings back was allowed once: a limit that was lowered since does not refuse it.
// Of what comes from the administration host each domain was judged there, beside others that are not here.
enum class Limits { hold, are_lifted, were_judged };
// invalid: every diagnostic of every draft, with file, line, column and key. conflict: a limit of the domain is
// exceeded.
[[nodiscard]] Result<Validated> validate_drafts(const World& world, const SiteView& view, std::span<const Draft> drafts,
                                                Limits limits = Limits::hold);

} // namespace mailctl
