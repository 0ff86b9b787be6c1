// SPDX-License-Identifier: Apache-2.0
// `mailctl dns`: what the DNS of the domains should say, and what it says.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

enum class DnsForm { rows, zone, nsupdate };

// Every record that the domains should have; a name of an alias gives that name alone, and so does a zone or nsupdate:
// other names lie in other zones.
[[nodiscard]] Result<Report> show_dns(const World& world, std::span<const DomainName> domains, DnsForm form);
// What the hosts themselves need.
// `next_keys`: files with keys that the host will have.
[[nodiscard]] Result<Report> show_host_dns(const World& world, std::span<const std::string> next_keys);
// The MTA-STS policy of the domains, as their web server should give it out. conflict: none is set up.
[[nodiscard]] Result<Report> show_dns_policies(const World& world, std::span<const DomainName> domains);

} // namespace mailctl
