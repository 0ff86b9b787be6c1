// SPDX-License-Identifier: Apache-2.0
// The agent as a server: where it listens, who may connect, how it starts and reports that it is ready.
#pragma once

#include "mailctl/delivery/agent.hpp"

#include <string>
#include <vector>

namespace mailctl {

// Serves LMTP until SIGTERM. `listen`: as given on the command line; none: the sockets that the service manager passed,
// else the site's. Prints one line to stderr when ready. Says how it is on the site's
// status socket; where that cannot be had it goes without. Without a compiled directory it starts all the same and
// answers 451 until there is one.
[[nodiscard]] Status serve(Agent& agent, const std::vector<std::string>& listen, const std::string& version);

} // namespace mailctl
