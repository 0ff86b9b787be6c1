// SPDX-License-Identifier: Apache-2.0
// How the tables `node` and `publish` of mailctl.toml are read.
#pragma once

#include "fields.hpp"
#include "mailctl/model/site.hpp"

namespace mailctl {

// All tables in `table`, which is [node] and has the key "copy" too.
void read_nodes(Fields& table, const KeyPath& path, MailNodes& nodes, Findings& findings);
void read_database(Fields& fields, std::string_view key, std::string& out);
void read_copy_program(Fields& fields, std::string_view key, std::string& out);

} // namespace mailctl
