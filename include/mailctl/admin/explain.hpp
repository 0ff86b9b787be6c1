// SPDX-License-Identifier: Apache-2.0
// explain: the resolver's walk for an address, rule by rule, and what the agent will do with the message. Asks the
// compiled directory, as the agent does, and says when a domain file holds more than was applied.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct ExplainRequest {
    std::vector<Address> addresses;
    std::optional<Sender> from;    // --from: forwards show the sender as rewritten, robots whether they answer him
    std::optional<ByteCount> size; // --size: tested against the message limit and each mailbox's quota
};
[[nodiscard]] Result<Report> explain_addresses(const World& world, const ExplainRequest& request);

} // namespace mailctl
