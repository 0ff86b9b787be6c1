// SPDX-License-Identifier: Apache-2.0
// Accounts, groups and hosts of this system by name, as /etc/nsswitch.conf wants them looked up. Asked of getent(1):
// the C library would load the modules of the name service into us, and a program linked statically, as the delivery
// agent is, cannot rely on that. A name is data: it is compared with what comes back, and is never an option.
#pragma once

#include "mailctl/base/result.hpp"

#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/types.h>
#include <vector>

namespace mailctl {

struct SystemUser {
    uid_t user = 0;
    gid_t group = 0;
};
// Absent = nullopt; temporary: it could not be asked. The same for all. Of an account or group that was found the
// answer stays the same as long as this process lives.
[[nodiscard]] Result<std::optional<SystemUser>> find_account(const std::string& name);
[[nodiscard]] Result<std::optional<gid_t>> find_group(const std::string& name);

struct SocketAddress {
    sockaddr_storage storage{}; // the socket interface takes every address as the sockaddr it begins with
    socklen_t length = 0;
    [[nodiscard]] int family() const { return storage.ss_family; }
    [[nodiscard]] const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
// In the order to try them; a numeric address is its own and asks nobody. Empty: there is no such host.
[[nodiscard]] Result<std::vector<SocketAddress>> find_addresses(const std::string& host, unsigned short port);

} // namespace mailctl
