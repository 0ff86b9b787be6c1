// SPDX-License-Identifier: Apache-2.0
// What a change means for the installed maps, whether it is carried out or only shown: some rows of them where rows say
// all that changes, else whole maps. Who changes a site asks here and knows no map.
#pragma once

#include "mailctl/routing/mentions.hpp"
#include "mailctl/site/compiled.hpp"

#include <functional>

namespace mailctl {

struct MapsOfChange {
    const World& world;
    const SiteView& view;
    const Site& site;  // as it will be
    bool changes_site; // in its settings
    // Of the compiled directory; nullptr: not the state that the installed maps were made from.
    const LinkedLookup *before, *after;
    const KnownDomains& domains;              // that the change touches
    const std::optional<std::string>& ledger; // of the maps, as it was before
};
// Brings the maps up to date. Notes: what this machine lacks for maps, and what domains of the change had to be left
// without.
[[nodiscard]] Status bring_into_maps(const MapsOfChange& change, std::vector<std::string>& notes);

// Calls `show` with each map that would change, and how.
using ShowMap = std::function<void(const std::string& path, const std::string& diff)>;
[[nodiscard]] Status foresee_in_maps(const MapsOfChange& change, const ShowMap& show);

} // namespace mailctl
