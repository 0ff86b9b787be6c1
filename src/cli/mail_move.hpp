// SPDX-License-Identifier: Apache-2.0
// `mailbox move` and `domain move`: to another node.
#pragma once

#include "command.hpp"

namespace mailctl {

[[nodiscard]] Command mailbox_move_command();
[[nodiscard]] Command domain_move_command();

} // namespace mailctl
