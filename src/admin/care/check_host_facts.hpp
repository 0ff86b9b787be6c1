// SPDX-License-Identifier: Apache-2.0
// Facts of Postfix and of this host that take more than reading one answer: tables, files, sockets, mounts.
#pragma once

#include "check_table.hpp"

namespace mailctl {

// What postconf said stands in `facts.postfix` already; tables are asked with the tools of this Postfix.
void add_postfix_tables(SiteFacts& facts);
// Files of Postfix, the directory of its chrooted services, and who may connect to the agent's socket.
void add_postfix_files(SiteFacts& facts);
// Whether the hosts that main.cf sends mail on to take SMTPUTF8; those that do not answer are left out.
void ask_next_hops(SiteFacts& facts);
[[nodiscard]] std::vector<std::string> find_container_gateways();
// Of this host, IPv6 addresses that others see.
[[nodiscard]] std::vector<std::string> find_public_ipv6();
// Mount points of fstab(5), `path` itself or above it, at which nothing is mounted.
[[nodiscard]] std::vector<std::string> find_unmounted(const std::string& path);

// Parts of it, for texts.
struct NextHop {
    std::string parameter, host;
    unsigned short port = 25;
};
// Of main.cf, those that name a host and no domain, whose MX would be asked: "[smtp.far.example]:587".
[[nodiscard]] std::vector<NextHop> next_hops(const SiteFacts& facts);
// Keys that a table's source has several times; `is_of_aliases`: as aliases(5) writes them, "key: value".
[[nodiscard]] std::vector<std::string> repeated_keys_of(std::string_view text, bool is_of_aliases);
// Those of `fstab` at `path` or above it, but for "/" and those that nobody mounts at boot, which `mountinfo` lacks.
[[nodiscard]] std::vector<std::string> unmounted_of(std::string_view fstab, std::string_view mountinfo,
                                                    const std::string& path);
// What transport_maps is asked for a domain, in the order in which Postfix does.
[[nodiscard]] std::vector<std::string> transport_keys(std::string_view domain, bool is_of_patterns);

} // namespace mailctl
