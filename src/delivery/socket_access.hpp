// SPDX-License-Identifier: Apache-2.0
// SocketAccess: who may connect to a Unix socket of the agent. The MTA does so through its group, which the agent can
// give the socket only as a member of that group. Where it cannot, or where a directory on the way bars the group,
// mail would wait in the queue of an MTA that says no more than "Permission denied": so the agent says why.
#pragma once

#include "mailctl/os/files.hpp"
#include "mailctl/os/paths.hpp"

#include <optional>
#include <string>
#include <sys/types.h>

namespace mailctl {

struct SocketConcern {
    std::string what, remedy;
};
struct SocketAccess {
    mode_t mode = 0600;
    std::optional<gid_t> group;
    std::optional<SocketConcern> concern; // why the MTA cannot connect
};
// `group`: delivery.socket_group. Below --root a group that this machine does not have is no concern: there the caller
// may be alone with his site.
[[nodiscard]] SocketAccess socket_access(const Paths& paths, const std::string& socket, const std::string& group);

// The first directory on the way to `file` that members of the group cannot pass; nullopt: there is none.
[[nodiscard]] std::optional<std::string> find_barrier(const std::string& file, gid_t group);

// The directory of the site's sockets, for all to pass. /run is empty after each boot, and the agent may make nothing
// in it: the error says who makes it.
[[nodiscard]] Status make_run_directory(const Paths& paths);

} // namespace mailctl
