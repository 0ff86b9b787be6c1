// SPDX-License-Identifier: Apache-2.0
// Where users hand in their mail: ports 465 and 587, with the passwords that Dovecot knows.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"

namespace mailctl {

// master.cf entries of the names that Debian's own file has, commented out. Postfix asks Dovecot at the site's socket
// who a user is, and the map sender-login what he may write in MAIL FROM.
[[nodiscard]] std::string submission_cf(const MapSource& source);
// The other side: Dovecot's auth service listens there. Of both generations alike; "" where there is no submission.
[[nodiscard]] std::string sasl_listener(const MapSource& source);

} // namespace mailctl
