// SPDX-License-Identifier: Apache-2.0
// The parts of `mailctl mailbox` that have a file of their own.
#pragma once

#include "command.hpp"

namespace mailctl {

[[nodiscard]] std::vector<Command> mailbox_life_commands(); // delete, restore, rename, depart
[[nodiscard]] Command mailbox_clear_command();
[[nodiscard]] Command mailbox_invite_command();

} // namespace mailctl
