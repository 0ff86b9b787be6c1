// SPDX-License-Identifier: Apache-2.0
// Inviting a user to set his password: a one-time code goes by mail to his recovery address, or to the mailbox itself;
// only its hash stays here. Whoever has the code sets the password once.
#pragma once

#include "mailctl/admin/mailboxes.hpp"

namespace mailctl {

inline constexpr Age invitation_valid = std::chrono::days{3};

// temporary: too many invitations of that mailbox within a day, or the mail could not be handed over.
[[nodiscard]] Result<Report> invite(const World& world, std::span<const Address> mailboxes, Age valid,
                                    const ChangeOptions& options);

// Sets the password if `code` is good, and spends it. denied: wrong, used, expired or tried too often; which of these
// is not said.
[[nodiscard]] Result<Report> set_password_by_code(const World& world, const NewPassword& password,
                                                  std::string_view code, const ChangeOptions& options);

} // namespace mailctl
