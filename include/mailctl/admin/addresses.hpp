// SPDX-License-Identifier: Apache-2.0
// The other address kinds: aliases of mailboxes, forward-only addresses, the catch-all and banished names:
// `mailctl alias`, `forward`, `catchall`, `banished`. Removing what is not there is missing (exit 3), adding what is
// there already is nothing to change.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

// Aliases are names in the mailbox's own domain. conflict: the name is held, and the message says by whom.
[[nodiscard]] Result<Report> create_aliases(const World& world, std::span<const Address> aliases,
                                            const Address& mailbox, const ChangeOptions& options);
[[nodiscard]] Result<Report> list_aliases(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> delete_aliases(const World& world, std::span<const Address> aliases,
                                            const ChangeOptions& options);
// To another mailbox of the same domain.
[[nodiscard]] Result<Report> move_aliases(const World& world, std::span<const Address> aliases, const Address& mailbox,
                                          const ChangeOptions& options);

[[nodiscard]] Result<Report> create_forward(const World& world, const Address& address,
                                            std::span<const Address> targets, const ChangeOptions& options);
[[nodiscard]] Result<Report> list_forwards(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> show_forwards(const World& world, std::span<const Address> addresses);
// Key: to, with =, += and -=.
[[nodiscard]] Result<Report> set_forward(const World& world, const Address& address,
                                         std::span<const Assignment> assignments, const ChangeOptions& options);
[[nodiscard]] Result<Report> delete_forwards(const World& world, std::span<const Address> addresses,
                                             const ChangeOptions& options);

[[nodiscard]] Result<Report> show_catchalls(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> set_catchall(const World& world, const DomainName& domain, const UnknownAction& action,
                                          const ChangeOptions& options);

// Exact names or patterns with * and ?; the local part of each address is the name.
[[nodiscard]] Result<Report> add_banished(const World& world, std::span<const Address> names, BanAnswer answer,
                                          const ChangeOptions& options);
[[nodiscard]] Result<Report> list_banished(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> remove_banished(const World& world, std::span<const Address> names,
                                             const ChangeOptions& options);

} // namespace mailctl
