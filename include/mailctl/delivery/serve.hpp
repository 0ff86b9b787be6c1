// SPDX-License-Identifier: Apache-2.0
// The agent as a server: where it listens, who may connect, how it starts and reports that it is ready.
#pragma once

#include "mailctl/delivery/agent.hpp"

#include <string>
#include <vector>

namespace mailctl {

// As given on the command line; none: the sockets that the service manager passed, else the site's.
struct ListenPlaces {
    std::vector<std::string> mail;      // LMTP
    std::vector<std::string> questions; // Postfix's at RCPT, in its policy protocol
};

// Serves LMTP until SIGTERM. Prints one line to stderr when ready. Beside it answers Postfix's questions at RCPT, and
// says how it is on the site's status socket; what cannot be had of these it goes without. Without a compiled directory
// it starts all the same and answers 451, or has no opinion, until there is one.
[[nodiscard]] Status serve(Agent& agent, const ListenPlaces& listen, const std::string& version);

} // namespace mailctl
