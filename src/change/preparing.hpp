// SPDX-License-Identifier: Apache-2.0
// What is decided of a change before anything is written.
#pragma once

#include "mailctl/change/changes.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/validation.hpp"

#include <set>

namespace mailctl {

struct Prepared {
    ChangePlan plan;
    std::set<DomainName> domains; // that it touches, or would
    std::vector<Draft> drafts;
    MailMoves moves;
    std::vector<std::string> withheld; // edits by hand that stay as they are
    std::vector<std::string> foreseen; // of mail, in a dry run
    [[nodiscard]] bool empty() const { return drafts.empty() && plan.mail.empty(); }
};

// The plan of `planner` as texts that validate, and what becomes of mail. `about`: see change(). No view is open when
// it returns.
[[nodiscard]] Result<Prepared> prepare_change(const World& world, const ChangeOptions& options, const Planner& planner,
                                              std::span<const Address> about, Validated& validated);

} // namespace mailctl
