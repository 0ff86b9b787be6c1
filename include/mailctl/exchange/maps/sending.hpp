// SPDX-License-Identifier: Apache-2.0
// Which address of the pool mail of a domain leaves from, as the map sender-transport has it.
#pragma once

#include "mailctl/model/site.hpp"

#include <map>
#include <string>

namespace mailctl {

// "out-192-0-2-10": the service of master.cf that sends from this address.
[[nodiscard]] std::string source_transport(std::string_view ip);

// How the addresses of the pool are used.
struct SendingUses {
    std::vector<std::string> pool;
    std::map<DomainName, std::string> of_domain; // by real name
    std::map<std::string, unsigned> count;

    // The one the domain has, else the least used, the first of equals; it is counted. "" where the pool is empty.
    [[nodiscard]] std::string draw(const DomainName& domain);
};
// From the text of the map.
[[nodiscard]] SendingUses sending_uses(const Site& site, std::string_view sender_transport);

} // namespace mailctl
