// SPDX-License-Identifier: Apache-2.0
// The table [domain] of a domain file and what stands in it: other names, the unknown action, limits, DMARC, TLS
// (specification 3).
#pragma once

#include "domain_reading.hpp"

namespace mailctl {

// `unknown = { action = ... }`
void read_unknown_action(const Node& node, UnknownAction& unknown, DomainReading& reading);
void read_domain_table(const Node& node, DomainReading& reading);

} // namespace mailctl
