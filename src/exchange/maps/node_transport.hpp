// SPDX-License-Identifier: Apache-2.0
// transport_maps: how mail comes to another machine of the site.
#pragma once

#include "mailctl/model/mail_node.hpp"

#include <string>
#include <string_view>

namespace mailctl {

// "lmtp:inet:[10.0.0.7]:24" of "10.0.0.7:24". In brackets no MX record is asked for.
[[nodiscard]] std::string lmtp_transport(std::string_view endpoint);
// What makes mail wait for a machine that takes none now.
[[nodiscard]] std::string_view waiting_transport();
// Of a machine by its name; one that nobody described has mail all the same: it waits.
[[nodiscard]] std::string node_transport(const MailNodes& nodes, const std::string& name);

} // namespace mailctl
