// SPDX-License-Identifier: Apache-2.0
// Where a new password comes from (specification 5, "Passwords"). Never from an argument or the environment: both are
// world-readable while the command runs. On a terminal the default is to ask twice; off it one way must be named, so
// that no script ever waits for an answer.
#pragma once

#include "invocation.hpp"

#include <span>

namespace mailctl {

[[nodiscard]] const std::vector<Option>& password_options();

struct ChosenPassword {
    std::optional<std::string> hash;      // absent: --no-password
    std::optional<std::string> generated; // to be shown once
};
// One for each address, in order. usage: no way named off a terminal, or one password for several addresses.
// Reads standard input or the file, or asks.
// Whether choose_passwords would ask somebody: what can be checked before is checked before.
[[nodiscard]] bool will_ask_for_password(const Arguments& arguments);
[[nodiscard]] Result<std::vector<ChosenPassword>> choose_passwords(const Invocation& invocation,
                                                                   std::span<const Address> addresses);
// Adds the generated passwords to the rows of those addresses, as the cell `generated_password`.
void show_generated(Report& report, std::span<const Address> addresses, std::span<const ChosenPassword> passwords);

} // namespace mailctl
