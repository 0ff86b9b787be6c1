// SPDX-License-Identifier: Apache-2.0
// What a change of some domains means for the rows of the maps, found without rendering the site. Changed names are
// followed backwards through what mentions them (routing/mentions), because a forward to a mailbox is refused or not
// with the mailbox; rows of all names reached are rendered from the compiled directory before and after, and compared.
// Where more hangs on a change than some hundred rows, or something no row says (patterns, certificates, sending
// addresses, relays, the site's postmaster), the answer is: make the maps whole. Whole and row by row give the same
// rows; a property test holds them together.
#pragma once

#include "mailctl/change/maps/files.hpp"
#include "mailctl/os/line_changes.hpp"
#include "mailctl/store/directory.hpp"

#include <cstdint>

namespace mailctl {

struct MapChangeSource {
    const MapContext& context;
    const Site& site; // the same before and after
    const LinkedLookup &before, &after;
    const ChangedDomains &domains_before, &domains_after; // the same domains in both
};
using RowChanges = std::map<std::string, std::vector<LineChanges>>; // by map and domain; only those that differ
// nullopt: the maps must be made whole. An Error is the directory's.
[[nodiscard]] Result<std::optional<RowChanges>> find_row_changes(const MapChangeSource& source);

// The maps as they lie there, and from which size (bytes, together) on it pays to change their rows.
struct InstalledMaps {
    const Paths& paths;
    const std::string &ledger, &made_from; // see map_ledger
    std::uint64_t whole_below;
};
// Also nullopt: the installed maps are not those of `before`, are small, or have an index whose rows can't be changed.
[[nodiscard]] Result<std::optional<RowChanges>> find_row_changes(const MapChangeSource& source,
                                                                 const InstalledMaps& installed);

// Text, then index, map by map. An error leaves maps that must be made whole.
[[nodiscard]] Status apply_row_changes(const Paths& paths, const Site& site, const std::string& database_type,
                                       const RowChanges& changes);

} // namespace mailctl
