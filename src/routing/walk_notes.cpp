// SPDX-License-Identifier: Apache-2.0
#include "walk_notes.hpp"

#include <utility>

namespace mailctl {

// Not all: the last step until one decides, that one, and the first word of a list.
void WalkNotes::add(Step step) {
    const bool is_list = step.matched && step.rule == "list";
    if (!wants_more() && (!is_list || std::exchange(list_spoke_, true))) return;
    if (keep_ == ResolveSettings::Keep::deciding_steps && !decided_) steps_.clear();
    decided_ = decided_ || (step.matched && step.rule != "domain");
    steps_.push_back(std::move(step));
}

} // namespace mailctl
