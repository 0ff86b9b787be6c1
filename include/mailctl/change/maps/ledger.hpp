// SPDX-License-Identifier: Apache-2.0
// The ledger of the installed maps, lib/maps/.ledger: what they were made from, and each file as it was left. While it
// lies there and its stamps hold, the maps are those of the compiled directory as it stands, so that a change can be
// made to both row by row, and maps need not be rendered to see that nothing is to do. It is taken away before either
// changes and written once they agree again: after a kill, an error, a hand edit of a map, another version or another
// day (suspensions end) there is none that holds, and the maps are made whole.
// The evidence that nothing is to do is cheap, because no file is read that a map was made from:
// - the settings, this machine and this program (made_from), and the generation of the compiled directory;
// - each map and index by inode, size, mtime and ctime: an edit that puts size and mtime back still changes ctime;
// - the same of all other files that rendering reads, lib/maps/.inputs: selectors and directories of DKIM keys,
//   certificates and their keys; and the services of Postfix where they were asked for.
// What no stamp shows, a disk that forgets or somebody who turns the clock back while he edits, is found by who reads
// everything: `map diff` and `apply`.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/paths.hpp"

#include <cstdint>

namespace mailctl {

// All that maps depend on beside the domains. `program`: the file of this program.
[[nodiscard]] std::string maps_made_from(const MapContext& context, const Site& site,
                                         const std::optional<FileStamp>& program);

// How the maps came to be what they are.
struct MapOrigin {
    std::string made_from;
    std::string inputs;            // digest of .inputs; "" = no evidence: something was doubtful when they were made
    std::uint64_t whole_bytes = 0; // their size when they were made whole
};
struct MapLedger {
    MapOrigin origin;
    std::string state;                                       // of the compiled directory and the applied texts
    std::map<std::string, std::uint64_t, std::less<>> sizes; // of each installed map and index, by file name
    [[nodiscard]] std::uint64_t bytes() const;               // together
};
[[nodiscard]] Result<std::optional<std::string>> find_ledger(const Paths& paths);
// Takes the ledger away and returns its text.
[[nodiscard]] Result<std::optional<std::string>> take_ledger(const Paths& paths);
// nullopt: it does not hold any more, or was made from something else.
[[nodiscard]] Result<std::optional<MapLedger>> read_ledger(const Paths& paths, const std::string& text,
                                                           const std::string& made_from);
[[nodiscard]] Status drop_ledger(const Paths& paths);
// Of the files as they are now. `inputs`: the text of .inputs, for maps that were made whole.
[[nodiscard]] Status write_ledger_of_whole(const Paths& paths, const std::string& made_from,
                                           const std::optional<std::string>& inputs);
// The same after a change of rows of maps that `earlier` tells of.
[[nodiscard]] Status write_ledger_of_rows(const Paths& paths, const std::string& earlier);
// "GENERATION ..." of the compiled directory and of the directory of applied texts; "" = there is none to rely on.
[[nodiscard]] Result<std::string> compiled_state(const Paths& paths);
[[nodiscard]] Result<std::optional<std::string>> find_inputs(const Paths& paths, const MapLedger& ledger);

} // namespace mailctl
