// SPDX-License-Identifier: Apache-2.0
// The ledger of the installed maps, lib/maps/.ledger: what they were made from, and each file as it was left. While it
// lies there and its stamps hold, the maps are those of the compiled directory as it stands, so that a change can be
// made to both row by row. It is taken away before either changes and written once they agree again: after a kill, an
// error, a hand edit of a map, another version or another day (suspensions end) there is none that holds, and the maps
// are made whole.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/paths.hpp"

#include <cstdint>

namespace mailctl {

// All that maps depend on beside the domains.
[[nodiscard]] std::string maps_made_from(const MapContext& context, const Site& site);

// The size of each installed map and index, by file name.
using MapLedger = std::map<std::string, std::uint64_t, std::less<>>;
[[nodiscard]] Result<std::optional<std::string>> find_ledger(const Paths& paths);
// Takes the ledger away and returns its text.
[[nodiscard]] Result<std::optional<std::string>> take_ledger(const Paths& paths);
// nullopt: it does not hold any more, or was made from something else.
[[nodiscard]] Result<std::optional<MapLedger>> read_ledger(const Paths& paths, const std::string& text,
                                                           const std::string& made_from);
[[nodiscard]] Status drop_ledger(const Paths& paths);
// Of the files as they are now.
[[nodiscard]] Status write_ledger(const Paths& paths, const std::string& made_from);

} // namespace mailctl
