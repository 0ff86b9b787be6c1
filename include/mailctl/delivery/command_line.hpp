// SPDX-License-Identifier: Apache-2.0
// The command line of mailctl-deliver. Parsed by hand: the pipe form starts a process per message and must not pay for
// a library. Addresses are data: after "--" nothing is an option.
#pragma once

#include "mailctl/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct AgentCommand {
    enum class Verb { help, version, lmtp, pipe } verb = Verb::help;
    std::string root;                // --root, else MAILCTL_ROOT; "" = system paths
    std::vector<std::string> listen; // lmtp --listen, as written
    std::vector<std::string> policy; // lmtp --policy, as written
    std::string sender;              // pipe -f
    std::vector<std::string> recipients;
};
// `arguments` without the program's name. usage: anything unknown or missing. In the pipe form `-f -- RECIPIENT` is the
// null sender: MTAs drop an empty argument.
[[nodiscard]] Result<AgentCommand> parse_agent_command(std::span<const std::string_view> arguments,
                                                       std::string_view root_variable);
[[nodiscard]] std::string_view agent_help();

} // namespace mailctl
