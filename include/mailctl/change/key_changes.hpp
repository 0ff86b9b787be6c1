// SPDX-License-Identifier: Apache-2.0
// Changes of DKIM selectors: what `change` is for source files. New keys and selector files of all domains are staged,
// the pending record is the commit point, and carrying through puts them in place and makes the maps: all or nothing,
// also when killed. A key is in no diff, no note and no record.
#pragma once

#include "mailctl/os/signing_keys.hpp"
#include "mailctl/site/site_view.hpp"

#include <functional>
#include <map>
#include <vector>

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
// Keys for plans. An RSA key takes a tenth of a second, and nobody waits for ten thousand of them: a plan is made
// twice, first without the lock, to count the keys it wants, and then under the lock with keys that are there already.
class KeyStock {
  public:
    // The next key. Before fill() one without a body, which is counted; later a real one, made at once if none is left.
    [[nodiscard]] Result<SigningKey> take(DkimAlgorithm algorithm);
    // Makes what was counted, on every core.
    [[nodiscard]] Status fill();

  private:
    bool is_open_ = false;
    std::vector<DkimAlgorithm> counted_;
    std::map<DkimAlgorithm, std::vector<SigningKey>> made_;
};
// Decides: in a dry run once, else at last under the lock.
using SelectorPlanner = std::function<Result<SelectorPlan>(const SiteView& view, KeyStock& keys)>;
// As `change`: the plan's report, "nothing to change", or for a dry run the diffs of selector files and maps.
[[nodiscard]] Result<Report> change_selectors(const World& world, const ChangeOptions& options,
                                              const SelectorPlanner& plan);

// Puts in place what a committed change had staged; the second time there is nothing to do. Caller holds the lock.
[[nodiscard]] Status settle_selectors(const Paths& paths);
// Takes away what a killed change had staged before it was committed.
[[nodiscard]] Status drop_staged_selectors(const Paths& paths);

} // namespace mailctl
