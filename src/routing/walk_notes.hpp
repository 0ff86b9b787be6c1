// SPDX-License-Identifier: Apache-2.0
// WalkNotes: the steps of a walk as they are kept for whoever reads them: all of them for people, and for the agent,
// which answers mail by the thousand, only those that say what decided.
#pragma once

#include "mailctl/routing/plan.hpp"
#include "mailctl/routing/resolve.hpp"

#include <string>
#include <vector>

namespace mailctl {

class WalkNotes {
  public:
    explicit WalkNotes(ResolveSettings::Keep keep) : keep_(keep) {}
    // Would a step that no list has to say be kept?
    [[nodiscard]] bool wants_more() const { return keep_ == ResolveSettings::Keep::whole_walk || !decided_; }
    void add(Step step);
    [[nodiscard]] std::vector<Step> take() { return std::move(steps_); }

  private:
    ResolveSettings::Keep keep_;
    std::vector<Step> steps_;
    bool decided_ = false, list_spoke_ = false;
};

} // namespace mailctl
