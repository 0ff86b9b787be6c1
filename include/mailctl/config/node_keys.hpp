// SPDX-License-Identifier: Apache-2.0
// The keys of a node in mailctl.toml, [node.NAME]. One table serves the reader, `node set`, `node show` and
// `config show`.
#pragma once

#include "mailctl/config/toml/value.hpp"
#include "mailctl/model/mail_node.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct NodeKey {
    std::string_view name, help;
    std::string (*text)(const MailNode&);
    bool may_be_absent = false;
};
[[nodiscard]] const std::vector<NodeKey>& node_keys();
[[nodiscard]] const NodeKey* find_node_key(std::string_view name); // nullptr: none

// A connection string of libpq ("host=db1,db2 dbname=mail", "postgresql://..."). Secrets in it would be read in
// mailctl.toml and in the list of processes by more people than they are meant for.
struct DatabaseObjection {
    std::string message, remedy;
};
[[nodiscard]] std::optional<DatabaseObjection> object_to_database(std::string_view text);

} // namespace mailctl
