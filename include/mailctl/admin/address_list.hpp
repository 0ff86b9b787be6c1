// SPDX-License-Identifier: Apache-2.0
// Every address of a domain in one list: `mailctl address list`. Columns address, kind, to, state.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

// mailbox, alias, forward, robot, list, list-owner (where bounces of a list go), banished, and for what nobody claims
// postmaster, where the site's stands in, and unknown, as "*@example.org".
[[nodiscard]] const std::vector<std::string>& address_kinds();
[[nodiscard]] const std::vector<std::string>& address_states();

struct AddressFilter {
    std::vector<std::string> kinds; // of address_kinds; none: all
    std::optional<std::string> state;
    std::optional<Address> to; // those that lead there, without others in between
};
// In the order of address_kinds, and by name. An account that keeps its mail leads to itself first.
[[nodiscard]] Result<Report> list_addresses(const World& world, std::span<const DomainName> domains,
                                            const AddressFilter& filter);

} // namespace mailctl
