// SPDX-License-Identifier: Apache-2.0
// The maps of a front end as files beside those of a site. Where few domains changed their lines are changed in place,
// text and index, as in a site's own maps; else, and after a kill or an edit by hand, they are made whole from the
// book.
#pragma once

#include "mailctl/change/maps/changes.hpp"
#include "mailctl/store/front_book.hpp"

namespace mailctl {

// How they are made on this machine. `notes`: what is missing here.
struct FrontMaking {
    MapContext context;
    std::vector<std::string> notes;
};
[[nodiscard]] Result<FrontMaking> find_front_making(const Paths& paths, const Site& site);

struct FrontChange {
    FrontNodes nodes_before, nodes_after;
    std::map<DomainName, std::optional<FrontDomain>> before, after; // the same domains in both
};
// What it means for the rows of the maps; nullopt: so much that they are better made whole.
[[nodiscard]] std::optional<RowChanges> front_row_changes(const FrontChange& change);

// What is known of the maps as they lie there.
struct FrontKnown {
    const RowChanges* changes = nullptr; // the rows that differ since they were left so; null: nobody knows
    std::string stamp = {};              // as the book remembered it then
};
// Brings the maps to what the book says; the names of those that were written. The book remembers how they are left.
[[nodiscard]] Result<std::vector<std::string>> install_front_maps(const Paths& paths, const Site& site,
                                                                  const FrontMaking& making, FrontBook& book,
                                                                  const FrontKnown& known = {});

} // namespace mailctl
