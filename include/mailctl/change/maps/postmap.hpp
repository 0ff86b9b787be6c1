// SPDX-License-Identifier: Apache-2.0
// postmap(1) and postconf(1): which table type this Postfix builds, and one index built beside its text.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"
#include "mailctl/os/process.hpp"

#include <set>

namespace mailctl {

// "postmap", "postconf", "postfix" for the Postfix of this site.
[[nodiscard]] Result<ProcessResult> run_postfix_tool(const std::string& name, const Site::Maps& maps,
                                                     const std::vector<std::string>& arguments,
                                                     const ProcessOptions& options = {});

// maps.type, or for "auto" one that Postfix has: that with which main.cf reads our tables, else that of the tables
// there are, else the first of lmdb, cdb and hash. So another type that is installed later changes nothing by itself.
// nullopt: no Postfix on this machine.
[[nodiscard]] Result<std::optional<std::string>> find_database_type(const Site::Maps& maps,
                                                                    const std::string& directory);
// "mailboxes.lmdb"; nullopt for types that are read as text.
[[nodiscard]] std::optional<std::string> index_name(const std::string& name, const std::string& type);
// The index of the text at `path`. failed: postmap's status was not 0 or it said anything at all; it exits 0 on
// duplicate keys and on lines that it drops.
[[nodiscard]] Status build_index(const std::string& path, MapKind kind, const std::string& type,
                                 const Site::Maps& maps);

// Whether single rows of such an index can be changed, each atomically. hash: is written in place and spoilt by a kill;
// cdb: is always made whole.
[[nodiscard]] bool has_changeable_index(const std::string& type);
// Keys go and rows ("key value" lines) come in the index of `path`; a row whose key is there replaces it.
[[nodiscard]] Status change_index(const std::string& path, const std::string& type, const Site::Maps& maps,
                                  std::span<const std::string> removed_keys, std::span<const std::string> added_rows);

// Names of the services in Postfix's master.cf; nullopt: it cannot be asked.
[[nodiscard]] std::optional<std::set<std::string>> find_postfix_services(const Site::Maps& maps);

} // namespace mailctl
