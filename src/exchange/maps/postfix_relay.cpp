// SPDX-License-Identifier: Apache-2.0
#include "postfix_relay.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

std::string relay_domain(const DomainName& name) { return name.text() + ".mailctl-relay.invalid"; }

// "host:port" or "[::1]:port" as transport(5) writes a next hop without MX lookup.
std::string next_hop(std::string_view server) {
    const auto colon = server.rfind(':');
    auto host = server.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const bool is_ipv6 = host.find(':') != std::string_view::npos;
    return fmt::format("[{}{}]{}", is_ipv6 ? "ipv6:" : "", host,
                       colon == std::string_view::npos ? std::string_view() : server.substr(colon));
}

} // namespace

std::vector<MapRow> relay_transport_rows(const Domain& domain) {
    if (domain.relay_to.empty()) return {};
    return {{relay_domain(domain.name), fmt::format("{}:{}", relay_service, next_hop(domain.relay_to))}};
}

std::vector<MapRow> relay_name_rows(const Domain& domain) {
    if (domain.relay_to.empty()) return {};
    return {{'@' + relay_domain(domain.name), '@' + domain.name.text()}};
}

std::string relay_master_lines(const MapSource& source) {
    return fmt::format("{} unix - - n - - smtp\n  -o smtp_generic_maps={}:{}/relay-names\n", relay_service,
                       source.context.database_type, source.context.maps);
}

} // namespace mailctl
