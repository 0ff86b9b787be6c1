// SPDX-License-Identifier: Apache-2.0
// Generated maps as files below lib/maps: what they must say (made from the applied texts by exchange) against what
// they say. Installed one by one, each atomically, text and then index; what is current already is left alone, so that
// Postfix and Dovecot reload nothing for nothing. Rendering costs the whole site; installing costs the maps that
// differ. What one change costs is map_changes' business.
#pragma once

#include "mailctl/exchange/maps/map_file.hpp"
#include "mailctl/site/compiled.hpp"

#include <memory>

namespace mailctl {

// How maps are made on this machine, today.
struct MapMaking {
    MapContext context;
    std::string made_from;          // for the ledger
    std::vector<std::string> notes; // what is missing here
    // What is found to be wrong while maps are made.
    std::shared_ptr<std::vector<std::string>> doubts = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<std::vector<std::string>> missing_services = std::make_shared<std::vector<std::string>>();
    std::shared_ptr<std::string> services =
        std::make_shared<std::string>(); // of Postfix, for the ledger; "" = not asked
    Instant now{};                       // certificates are valid or not
};
[[nodiscard]] Result<MapMaking> find_map_making(const SiteView& view, const World& world, const Site& site);
// By the ledger's evidence rendering and comparing would find nothing to do and nothing to say. False: look. Costs some
// calls for each domain with signing keys or a certificate, none for others.
[[nodiscard]] Result<bool> is_known_current(const SiteView& view, const MapMaking& making);

struct WantedMaps {
    std::string database_type; // of indexed maps: "lmdb", "cdb", "hash", "texthash"
    std::string made_from;     // for the ledger
    std::vector<MapFile> files;
    std::vector<std::string> notes;
    std::vector<std::string> missing_services;    // lines about rows that are left out for want of a service of Postfix
    std::vector<std::string> certificate_notes{}; // what else is doubtful about certificates: names, order, modes
    std::size_t bad_certificates = 0;             // domains that have none for that, or one that clients refuse
    std::optional<std::string> inputs{};          // for the ledger
    bool embeds_anew = false; // the certificates may be others than those in an index that looks current
};
// Every map of the site as applied; with `site` and `changed` instead of what is applied, for a dry run.
[[nodiscard]] Result<WantedMaps> wanted_maps(const SiteView& view, const World& world, const Site& site,
                                             const ChangedDomains& changed = {});
[[nodiscard]] Result<WantedMaps> wanted_maps(const SiteView& view, MapMaking making, const Site& site,
                                             const ChangedDomains& changed = {});

struct MapState {
    const MapFile* map;
    std::optional<std::string> installed; // its text
    bool text_current = false;            // the same text, or the same rows, some of them changed in place
    bool index_current = true;            // there is one, not older than the text, or none is wanted
    [[nodiscard]] bool current() const { return text_current && index_current; }
    // The installed text with its rows in the order of the map's, for a diff.
    [[nodiscard]] std::string installed_in_order() const;
};
// `map` is one of the wanted; the state points to it.
[[nodiscard]] Result<MapState> compare_map(const Paths& paths, const WantedMaps& wanted, const MapFile& map);
// Files in the directory of maps that no map of this site accounts for, but for those of a front end.
[[nodiscard]] Result<std::vector<std::string>> leftover_maps(const Paths& paths, const WantedMaps& wanted);
// Installs those that differ; their names.
[[nodiscard]] Result<std::vector<std::string>> install_differing(const Paths& paths, const Site& site,
                                                                 const WantedMaps& wanted);
// The same, and removes leftovers; the names of both. Anything postmap says on stderr is a failure.
// The ledger says afterwards what they were made from.
[[nodiscard]] Result<std::vector<std::string>> install_maps(const Paths& paths, const Site& site,
                                                            const WantedMaps& wanted);

} // namespace mailctl
