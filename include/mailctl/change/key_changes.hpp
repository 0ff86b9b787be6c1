// SPDX-License-Identifier: Apache-2.0
// Changes of DKIM selectors: what `change` is for source files. New keys and selector files of all domains are staged,
// the pending record is the commit point, and carrying through puts them in place and makes the maps: all or nothing,
// also when killed. A key is in no diff, no note and no record.
#pragma once

#include "mailctl/os/signing_keys.hpp"
#include "mailctl/site/site_view.hpp"

#include <functional>

namespace mailctl {

struct NewKey {
    std::string selector;
    SigningKey key;
};
// What becomes of one domain's selectors.
struct SelectorChange {
    DomainName domain;
    std::vector<DkimSelector> before, after;
    std::vector<NewKey> keys; // of selectors that `after` has and `before` has not
};
struct SelectorPlan {
    std::vector<SelectorChange> changes; // those that change nothing are left out
    Report report;                       // to give once it is done
};
// Decides under the lock. `make_keys`: false in a dry run, which makes none.
using SelectorPlanner = std::function<Result<SelectorPlan>(const SiteView& view, bool make_keys)>;
// As `change`: the plan's report, "nothing to change", or for a dry run the diffs of selector files and maps.
[[nodiscard]] Result<Report> change_selectors(const World& world, const ChangeOptions& options,
                                              const SelectorPlanner& plan);

// Puts in place what a committed change had staged; the second time there is nothing to do. Caller holds the lock.
[[nodiscard]] Status settle_selectors(const Paths& paths);
// Takes away what a killed change had staged before it was committed.
[[nodiscard]] Status drop_staged_selectors(const Paths& paths);

} // namespace mailctl
