// SPDX-License-Identifier: Apache-2.0
// Name servers are found as anybody finds them: NS on the way up, then their addresses.
#include "vantages.hpp"

#include "judging.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::size_t most_servers = 8;

std::string server_address(const std::string& address) {
    return is_ipv6(address) ? fmt::format("[{}]:53", address) : fmt::format("{}:53", address);
}

} // namespace

ZoneServers servers_of_zone(DnsBook& book, const std::string& name) {
    ZoneServers zone;
    for (std::string_view at = name; !parent_name(at).empty(); at = parent_name(at)) {
        const auto& answer = book.ask(at, "NS");
        if (!answer.is_known()) return zone;
        if (answer.values.empty()) continue;
        zone.zone = at;
        for (const auto& value : answer.values) {
            const auto server = without_dot(value);
            const auto addresses = addresses_of_host(book, server);
            if (!addresses.found.empty() && zone.servers.size() < most_servers)
                zone.servers.push_back({server, server_address(addresses.found.front())});
        }
        break;
    }
    return zone;
}

} // namespace mailctl
