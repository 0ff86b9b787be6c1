// SPDX-License-Identifier: Apache-2.0
// Where an import comes from: a CSV file, standard input, or what another mail server has on its disk.
#pragma once

#include "mailctl/admin/transfer/import.hpp"

namespace mailctl {

struct ImportSource {
    std::string path;                      // "-" = standard input; a directory for the products that have one
    std::string profile = {};              // "" = the native format
    std::string encoding = {};             // "" = detected
    std::optional<DomainName> domain = {}; // of a vpopmail directory whose name is no domain's
};
struct LoadedImport {
    ImportText text;
    RowMapping mapping;
};
// usage: no such profile, or standard input is a terminal. missing, denied: the file cannot be read.
[[nodiscard]] Result<LoadedImport> load_import(const ImportSource& source);
[[nodiscard]] std::vector<std::string> import_profiles(); // names of all profiles

} // namespace mailctl
