// SPDX-License-Identifier: Apache-2.0
#include "node_transport.hpp"

#include <fmt/format.h>

namespace mailctl {

std::string lmtp_transport(std::string_view endpoint) {
    const auto colon = endpoint.rfind(':');
    const auto host = endpoint.substr(0, colon);
    const bool is_bracketed = host.starts_with('[');
    return fmt::format("lmtp:inet:{}{}{}:{}", is_bracketed ? "" : "[", host, is_bracketed ? "" : "]",
                       endpoint.substr(colon + 1));
}

std::string_view waiting_transport() {
    return "retry:4.3.2 the machine that has this mail takes none now; try again later";
}

std::string node_transport(const MailNodes& nodes, const std::string& name) {
    const auto node = nodes.find(name);
    if (node == nodes.end() || node->second.state != NodeState::up) return std::string(waiting_transport());
    return lmtp_transport(node->second.lmtp);
}

} // namespace mailctl
