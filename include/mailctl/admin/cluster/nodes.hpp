// SPDX-License-Identifier: Apache-2.0
// `mailctl node`: the machines that hold mail, as mailctl.toml names them.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/model/mail_node.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

[[nodiscard]] Result<Report> list_nodes(const World& world);
// missing: no such node, with the nearest as hint. Says what lives there, which reads every domain.
[[nodiscard]] Result<Report> show_nodes(const World& world, std::span<const std::string> names);
// conflict: there is one of that name. invalid: a value is not what mailctl.toml takes.
[[nodiscard]] Result<Report> create_node(const World& world, const std::string& name, const MailNode& node,
                                         const ChangeOptions& options);
[[nodiscard]] Result<Report> set_node(const World& world, const std::string& name,
                                      std::span<const Assignment> assignments, const ChangeOptions& options);
// What is so already is not changed.
[[nodiscard]] Result<Report> set_node_state(const World& world, std::span<const std::string> names, NodeState state,
                                            const ChangeOptions& options);
// conflict: a domain or a mailbox lives on it.
[[nodiscard]] Result<Report> delete_nodes(const World& world, std::span<const std::string> names,
                                          const ChangeOptions& options);

} // namespace mailctl
