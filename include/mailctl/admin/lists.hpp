// SPDX-License-Identifier: Apache-2.0
// Distribution lists: `mailctl list`. Members are mailboxes and lists of this site: what else is named is refused when
// the change is validated. Removing who is no member is missing (exit 3), adding who is one is nothing to change.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct NewList {
    Address address;
    std::vector<Address> members;
    std::optional<Posters> post;  // absent: anyone
    std::optional<Address> owner; // who gets its bounces; absent: postmaster of the domain
};

// conflict: the name is held, or there is such a list with other members.
[[nodiscard]] Result<Report> create_list(const World& world, const NewList& list, const ChangeOptions& options);
[[nodiscard]] Result<Report> list_lists(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> show_lists(const World& world, std::span<const Address> addresses);
// Keys: members, post, owner.
[[nodiscard]] Result<Report> set_list(const World& world, const Address& address,
                                      std::span<const Assignment> assignments, const ChangeOptions& options);
[[nodiscard]] Result<Report> delete_lists(const World& world, std::span<const Address> addresses,
                                          const ChangeOptions& options);
[[nodiscard]] Result<Report> add_members(const World& world, const Address& list, std::span<const Address> members,
                                         const ChangeOptions& options);
[[nodiscard]] Result<Report> remove_members(const World& world, const Address& list, std::span<const Address> members,
                                            const ChangeOptions& options);

} // namespace mailctl
