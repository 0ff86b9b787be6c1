// SPDX-License-Identifier: Apache-2.0
// `mailbox move A --node N` and `domain move D --node N`. That something moves stands in its domain file (`move_to`),
// so a move goes on whoever asks for it again, is published and undone as every change is, and is over when the file
// says the new `node`. The steps are those of routing/mail_move; nodes do theirs when they pull.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace mailctl {

struct MoveRequest {
    std::vector<Address> mailboxes;
    std::vector<DomainName> domains;                   // one of the two
    std::string node;                                  // where to; where it is now: the move is given up
    std::optional<std::chrono::seconds> wait = {};     // for the nodes; none: as long as they need
    std::function<void(const std::string&)> tell = {}; // how far it is, whenever that changes
};
// Begins the move or goes on with it, and waits until it is over. temporary: it is not over yet; the same command goes
// on with it. conflict: on its way to another node already.
[[nodiscard]] Result<Report> move_mail(const World& world, const MoveRequest& request, const ChangeOptions& options);

} // namespace mailctl
