// Generated maps as files below lib/maps: what they must say (made from the applied texts by exchange) against what
// they say. Installed one by one, each atomically, text and then index; what is current already is left alone, so that
// Postfix and Dovecot reload nothing for nothing. Rendering costs the whole site; installing costs the maps that
// differ.
#pragma once

#include "mailctl/admin/site_view.hpp"
#include "mailctl/exchange/map_file.hpp"

namespace mailctl {

using ChangedDomains = std::map<DomainName, std::optional<Domain>>; // nullopt: removed

struct WantedMaps {
    std::string database_type; // of indexed maps: "lmdb", "cdb", "hash", "texthash"
    std::vector<MapFile> files;
    std::vector<std::string> notes;
    std::map<DomainName, std::string> without_tls; // TLS files that can't be read: why the SNI rows are left out
};
// Every map of the site as applied; with `site` and `changed` instead of what is applied, for a dry run.
[[nodiscard]] Result<WantedMaps> wanted_maps(const SiteView& view, const World& world, const Site& site,
                                             const ChangedDomains& changed = {});

struct MapState {
    const MapFile* map;
    std::optional<std::string> installed; // its text
    bool index_current = true;            // there is one, not older than the text, or none is wanted
    [[nodiscard]] bool current() const { return installed == map->text && index_current; }
};
[[nodiscard]] Result<std::vector<MapState>> compare_maps(const Paths& paths, const WantedMaps& wanted);
// Files in the directory of maps that no map of this site accounts for.
[[nodiscard]] Result<std::vector<std::string>> leftover_maps(const Paths& paths, const WantedMaps& wanted);
// Installs those that differ and removes leftovers; the names of both. Anything postmap says on stderr is a failure.
[[nodiscard]] Result<std::vector<std::string>> install_maps(const Paths& paths, const Site& site,
                                                            const WantedMaps& wanted);

} // namespace mailctl
