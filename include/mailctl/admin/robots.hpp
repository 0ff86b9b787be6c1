// SPDX-License-Identifier: Apache-2.0
// Addresses that answer: `mailctl robot`. A robot keeps nothing; who wants the mail too is in its copy_to.
#pragma once

#include "mailctl/site/reply_text.hpp"

namespace mailctl {

struct NewRobot {
    Address address;
    ReplyText text;
    std::vector<Address> copy_to;
};
// A robot that exists with the very same settings is nothing to change; with others a conflict.
[[nodiscard]] Result<Report> create_robot(const World& world, const NewRobot& robot, const ChangeOptions& options);
// Cells: address, state, subject, every, copy_to, attach; show adds from, message and html.
[[nodiscard]] Result<Report> list_robots(const World& world, std::span<const DomainName> domains);
[[nodiscard]] Result<Report> show_robots(const World& world, std::span<const Address> addresses);
// Keys: those of a reply, and copy_to. An empty message switches the answering off.
[[nodiscard]] Result<Report> set_robots(const World& world, std::span<const Address> addresses,
                                        std::span<const Assignment> assignments, const ChangeOptions& options);
[[nodiscard]] Result<Report> delete_robots(const World& world, std::span<const Address> addresses,
                                           const ChangeOptions& options);
enum class Switch { on, off };
// Off: mail for it goes to copy_to alone, and is refused where there is none.
[[nodiscard]] Result<Report> switch_robots(const World& world, std::span<const Address> addresses, Switch position,
                                           const ChangeOptions& options);

} // namespace mailctl
