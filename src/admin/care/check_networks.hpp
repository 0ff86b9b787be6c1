// SPDX-License-Identifier: Apache-2.0
// Networks as mynetworks has them: "192.0.2.0/24", "[2001:db8::]/64", "10.0.0.1".
#pragma once

#include "check_table.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace mailctl {

struct Network {
    bool is_v6 = false;
    std::array<unsigned char, 16> address{};
    unsigned bits = 0; // that all its addresses share
    [[nodiscard]] bool contains(const Network& other) const;
    [[nodiscard]] bool is_private() const; // loopback, link-local, for use within a site (RFC 1918, 6598, 4193)
};
// nullopt: a name, a table, an exclusion ("!192.0.2.1"), or nothing that Postfix would take.
[[nodiscard]] std::optional<Network> parse_network(std::string_view word);

// What is said of mynetworks: that it has everybody in it, or others than this site; that containers' gateways are in
// it.
void open_networks(const SiteFacts& facts, Sayings& say);
void container_networks(const SiteFacts& facts, Sayings& say);

} // namespace mailctl
