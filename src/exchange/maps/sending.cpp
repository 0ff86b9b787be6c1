// SPDX-License-Identifier: Apache-2.0
// Sections of the map, one for each domain: "# domain example.com", then rows of all its names.
#include "mailctl/exchange/maps/sending.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

std::string source_transport(std::string_view ip) {
    auto name = fmt::format("out-{}", fold(ip));
    std::ranges::replace_if(
        name, [](char c) { return c == '.' || c == ':'; }, '-');
    return name;
}

std::string SendingUses::draw(const DomainName& domain) {
    if (pool.empty()) return {};
    auto& ip = of_domain[domain];
    if (!ip.empty()) return ip;
    ip = *std::ranges::min_element(pool, {}, [&](const auto& each) { return count[each]; });
    ++count[ip];
    return ip;
}

SendingUses sending_uses(const Site& site, std::string_view sender_transport) {
    constexpr std::string_view heading = "# domain ";
    SendingUses uses{site.source_ips, {}, {}};
    std::map<std::string, std::string> addresses; // by transport
    for (const auto& ip : site.source_ips)
        addresses.emplace(source_transport(ip) + ':', ip);
    std::string_view domain;
    for (const auto line : split(sender_transport, '\n')) {
        if (line.starts_with(heading)) domain = line.substr(heading.size());
        const auto blank = line.find(' ');
        if (line.starts_with('#') || blank == line.npos || domain.empty()) continue;
        const auto ip = addresses.find(std::string(line.substr(blank + 1)));
        if (ip == addresses.end()) continue;
        if (uses.of_domain.emplace(DomainName::from_trusted(std::string(domain)), ip->second).second)
            ++uses.count[ip->second];
    }
    return uses;
}

} // namespace mailctl
