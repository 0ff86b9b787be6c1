// SPDX-License-Identifier: Apache-2.0
// How often banished names were asked for, collected in memory and written to the state by one statement each, at most
// once a second while connections go on: RCPT itself writes nothing. What a crash loses is a second of counting.
#pragma once

#include "mailctl/routing/plan.hpp"
#include "mailctl/store/ban_hits.hpp"

#include <mutex>

namespace mailctl {

class BanTally {
  public:
    void add(const std::vector<BanHit>& hits, Instant when);
    // Writes what was collected; `at_once` also within the second. What cannot be written is kept for the next time.
    enum class Urgency { at_leisure, at_once };
    void write(State& state, Instant now, Urgency urgency);

  private:
    std::mutex mutex_; // guards both
    std::vector<BanCount> counts_;
    Instant last_written_{};
};

} // namespace mailctl
