// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox settings`, a row of the mailbox noun with a file of its own.
#pragma once

#include "command.hpp"

namespace mailctl {

[[nodiscard]] Command mailbox_settings_command();

} // namespace mailctl
