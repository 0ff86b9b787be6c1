// SPDX-License-Identifier: Apache-2.0
// How often each entry of `banished` took mail, and when last: in state.db, by domain and the entry as it is written.
#pragma once

#include "mailctl/store/state.hpp"

#include <cstdint>

namespace mailctl {

struct BanCount {
    DomainName domain;
    std::string name; // exact or a pattern
    std::uint64_t count = 0;
    Instant last;
};
// All Errors are the state's, and temporary. Adds the counts, all or none.
[[nodiscard]] Status add_ban_hits(State& state, const std::vector<BanCount>& counts);
[[nodiscard]] Result<std::vector<BanCount>> ban_hits_of(State& state, const DomainName& domain);

} // namespace mailctl
