// SPDX-License-Identifier: Apache-2.0
// What the site asks of a password that somebody chose: passwords.min_length and passwords.common. One that mailctl
// made, and a hash, are never asked.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/site/world.hpp"

#include <string_view>

namespace mailctl {

// invalid: it is too short, among the common ones, or the name of its own mailbox; which is said, the password never.
// Other Errors: the list cannot be read.
[[nodiscard]] Status check_chosen_password(const World& world, const Address& address, std::string_view password);

} // namespace mailctl
