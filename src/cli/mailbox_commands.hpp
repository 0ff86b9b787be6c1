// SPDX-License-Identifier: Apache-2.0
// The parts of `mailctl mailbox` that have a file of their own.
#pragma once

#include "command.hpp"
#include "mailctl/admin/mailboxes.hpp"

namespace mailctl {

[[nodiscard]] std::vector<Command> mailbox_life_commands(); // delete, restore, rename, depart
[[nodiscard]] Command set_mailbox_command();
[[nodiscard]] Command mailbox_clear_command();
[[nodiscard]] Command mailbox_invite_command();

[[nodiscard]] Result<unsigned> read_share(std::string_view text); // of a quota: "90%", per cent

} // namespace mailctl
