// SPDX-License-Identifier: Apache-2.0
// Single messages held for candidates: `mailctl candidate messages`, `release`.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

// Cells: address (the candidate's), id, time, size, from, subject.
[[nodiscard]] Result<Report> list_candidate_messages(const World& world, std::span<const Address> candidates);

struct MessageRelease {
    std::vector<std::string> ids; // as the list says them, of whichever candidate
    Address mailbox;              // that gets them
};
// All or none of the ids are known; a mailbox that has one of them already has nothing more to get. missing: no such
// message, no such mailbox. What is held for the candidate is counted anew.
[[nodiscard]] Result<Report> release_messages(const World& world, const MessageRelease& release,
                                              const ChangeOptions& options);

} // namespace mailctl
