// SPDX-License-Identifier: Apache-2.0
// The addresses of a Microsoft 365 account, as its export of users has them in one cell:
// "SMTP:ann@example.org+smtp:a.b@ example.org+SIP:...", divided by plus signs, semicolons or blanks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct ProxyAddresses {
    std::string address = {};               // the mailbox; empty: it stays what the login name says
    std::vector<std::string> aliases = {};  // local parts of its domain
    std::vector<std::string> left_out = {}; // addresses in other domains and of other kinds, as sentences
};
// `login`: the user principal name. In the domain of the first address ("SMTP:") it is the mailbox and that one an
// alias; in another, as the tenant's own, the mailbox is where the mail goes.
[[nodiscard]] ProxyAddresses read_proxy_addresses(std::string_view login, std::string_view cell);

} // namespace mailctl
