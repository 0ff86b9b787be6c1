// SPDX-License-Identifier: Apache-2.0
// The addresses of this host.
#pragma once

#include <string>
#include <vector>

namespace mailctl {

struct InterfaceAddress {
    std::string interface, address; // "docker0", "172.17.0.1"
};
// Of interfaces that are up, IPv4 and IPv6; none where the system does not say.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses();

} // namespace mailctl
