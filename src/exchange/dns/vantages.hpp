// SPDX-License-Identifier: Apache-2.0
// From where a record is looked at: the resolver, and each name server of the zone by itself; or the servers that the
// administrator names, and no others.
#pragma once

#include "mailctl/exchange/dns/check.hpp"

namespace mailctl {

struct NameServer {
    std::string name;    // "ns1.example.net"
    std::string address; // "192.0.2.1:53"
};
struct ZoneServers {
    std::string zone; // "" = not found
    std::vector<NameServer> servers;
};
// The zone that holds `name` and one address of each of its name servers, of at most eight.
[[nodiscard]] ZoneServers servers_of_zone(DnsBook& book, const std::string& name);

} // namespace mailctl
