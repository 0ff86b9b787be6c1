// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/maps/maps_of_change.hpp"

#include "mailctl/change/domain_certificates.hpp"
#include "mailctl/change/domain_part.hpp"
#include "mailctl/change/maps/changes.hpp"
#include "mailctl/change/maps/key_files.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "mailctl/report/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// Of the maps as they are, what must change; nullopt: they must be made whole.
Result<std::optional<RowChanges>> find_rows(const MapsOfChange& change, const MapMaking& making) {
    if (!change.before || !change.after || !change.ledger || change.changes_site) return std::nullopt;
    const auto &before = change.domains.before, &after = change.domains.after;
    if (before.size() != after.size() ||
        !std::ranges::equal(before, after, {}, &ChangedDomains::value_type::first, &ChangedDomains::value_type::first))
        return std::nullopt;
    for (const auto& name : change.domains.parts)
        if (changed_part(before.at(name), after.at(name)).is_whole) return std::nullopt;
    return find_row_changes({making.context, change.site, *change.before, *change.after, before, after},
                            {change.view.paths(), *change.ledger, making.made_from, change.world.whole_maps_below});
}

bool has_same_tls(const ChangedDomains& before, const Domain& domain) {
    const auto known = before.find(domain.name);
    return known != before.end() && known->second && known->second->tls == domain.tls;
}

// What had to be left out is said of the domains of this change, and all that is doubtful where the certificate is
// another; of all others `map build` says it.
void note_certificates(const MapsOfChange& change, std::vector<std::string>& notes) {
    for (const auto& [name, domain] : change.domains.after) {
        if (!domain || !domain->tls) continue;
        Domain with_tls(name);
        with_tls.tls = domain->tls;
        const auto said = leave_out_unusable(with_tls, change.site, change.world.clock());
        notes.insert(notes.end(), said.urgent.begin(), said.urgent.end());
        if (!has_same_tls(change.domains.before, *domain))
            notes.insert(notes.end(), said.others.begin(), said.others.end());
    }
}

// Those known in part are read again.
const ChangedDomains& wholly_known(const KnownDomains& domains) {
    static const ChangedDomains none;
    return domains.parts.empty() ? domains.after : none;
}

bool touches_sending(const KnownDomains& domains) {
    return std::ranges::any_of(domains.after,
                               [](const auto& each) { return each.second && !each.second->source_ip.empty(); });
}

// The rows that go and come, under the headings they stand below in the map; their neighbours mean nothing.
std::string rows_diff(const std::string& path, const std::vector<LineChanges>& sections) {
    std::string diff = fmt::format("--- {0}\n+++ {0}\n", path);
    for (const auto& lines : sections) {
        diff += fmt::format("@@ {} @@\n", lines.section);
        for (const auto& row : lines.removed)
            diff.append("-").append(row).append("\n");
        for (const auto& row : lines.added)
            diff.append("+").append(row).append("\n");
    }
    return diff;
}

} // namespace

Status bring_into_maps(const MapsOfChange& change, std::vector<std::string>& notes) {
    const auto& paths = change.view.paths();
    TRY_ASSIGN(auto making, find_map_making(change.view, change.world, change.site));
    note_certificates(change, notes);
    if (change.changes_site) {
        TRY_ASSIGN(const auto mended, mend_key_files(change.view));
        notes.insert(notes.end(), mended.begin(), mended.end());
    }
    TRY_ASSIGN(const auto rows, find_rows(change, making));
    if (rows && apply_row_changes(paths, change.site, making.context.database_type, *rows))
        return write_ledger_of_rows(paths, *change.ledger);
    TRY_ASSIGN(const auto maps, wanted_maps(change.view, std::move(making), change.site, wholly_known(change.domains)));
    TRY(install_maps(paths, change.site, maps));
    if (change.changes_site || touches_sending(change.domains))
        notes.insert(notes.end(), maps.missing_services.begin(), maps.missing_services.end());
    return {};
}

Status foresee_in_maps(const MapsOfChange& change, const ShowMap& show) {
    const auto& paths = change.view.paths();
    TRY_ASSIGN(auto making, find_map_making(change.view, change.world, change.site));
    TRY_ASSIGN(const auto rows, find_rows(change, making));
    if (rows) {
        for (const auto& [map, sections] : *rows)
            show(paths.maps + "/" + map, rows_diff(paths.maps + "/" + map, sections));
        return {};
    }
    TRY_ASSIGN(const auto wanted, wanted_maps(change.view, std::move(making), change.site, change.domains.after));
    for (const auto& map : wanted.files) {
        TRY_ASSIGN(const auto state, compare_map(paths, wanted, map));
        if (state.text_current) continue;
        const std::string path = paths.maps + "/" + map.name;
        const std::string before = state.installed ? state.installed_in_order() : std::string();
        show(path, unified_diff(before, map.text, state.installed ? path : "/dev/null", path));
    }
    return {};
}

} // namespace mailctl
