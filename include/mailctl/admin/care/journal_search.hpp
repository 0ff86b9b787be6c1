// SPDX-License-Identifier: Apache-2.0
// `mailctl journal`: the delivery agent's journal, from its file, the system's logs or journald.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <optional>
#include <string>

namespace mailctl {

struct JournalSearch {                  // as typed; all that are given must hold
    std::optional<std::string> address; // sender, recipient, or where it went
    std::optional<std::string> from, to, id, domain, status, since, until;
};
// Rows of type "decision", newest first; of a role those that concern it.
[[nodiscard]] Result<Report> search_journal(const World& world, const JournalSearch& search);

} // namespace mailctl
