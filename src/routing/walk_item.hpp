// SPDX-License-Identifier: Apache-2.0
// WalkItem: what stands in the queue of a walk (routing/resolve).
#pragma once

#include "mailctl/model/address.hpp"

#include <optional>
#include <string>

namespace mailctl {

// One address to look at: the recipient, or what a forward, a redirect or `unknown = domain` leads to.
struct WalkItem {
    Address address;
    unsigned depth = 0;
    bool by_catch_all = false;
    bool is_target = false;           // named by a forward or redirect; otherwise it speaks for the recipient itself
    std::string from_mailbox = {};    // key of the mailbox that forwards here
    std::optional<Address> list = {}; // that sends it here
    bool is_member = false;           // of that list, as its file names it
    std::optional<DomainName> relayed = {}; // the domain this came from passes it on already
};

// Also asked for as `postmaster` alone. Whom the site's postmaster is forwarded to is the MTA's to find.
[[nodiscard]] inline bool is_hosts_postmaster(const WalkItem& item, const std::optional<DomainName>& hostname) {
    return item.depth == 0 && hostname && item.address.domain == *hostname && item.address.local.key() == "postmaster";
}

} // namespace mailctl
