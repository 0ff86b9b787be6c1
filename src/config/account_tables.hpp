// SPDX-License-Identifier: Apache-2.0
// The accounts of a domain file: mailboxes, forwards, robots, lists and banished names (specification 3). Each name is
// checked where it stands and claimed.
#pragma once

#include "domain_reading.hpp"

namespace mailctl {

// Every table of accounts in the file, and [banished].
void read_accounts(Fields& root, DomainReading& reading);

} // namespace mailctl
