// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/ban_tally.hpp"

#include <algorithm>

namespace mailctl {

void BanTally::add(const std::vector<BanHit>& hits, Instant when) {
    const std::lock_guard lock(mutex_);
    for (const auto& hit : hits) {
        const auto known = std::ranges::find_if(
            counts_, [&](const BanCount& one) { return one.name == hit.name && one.domain == hit.domain; });
        if (known == counts_.end())
            counts_.push_back({hit.domain, hit.name, 1, when});
        else
            *known = {hit.domain, hit.name, known->count + 1, when};
    }
}

void BanTally::write(State& state, Instant now, Urgency urgency) {
    std::vector<BanCount> counts;
    {
        const std::lock_guard lock(mutex_);
        if (counts_.empty()) return;
        if (urgency == Urgency::at_leisure && now - last_written_ < std::chrono::seconds(1)) return;
        counts.swap(counts_);
        last_written_ = now;
    }
    if (add_ban_hits(state, counts)) return;
    const std::lock_guard lock(mutex_);
    counts_.insert(counts_.end(), counts.begin(), counts.end());
}

} // namespace mailctl
