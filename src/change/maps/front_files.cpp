// SPDX-License-Identifier: Apache-2.0
// Before a map is touched the book forgets how they were left, so that whoever is killed leaves maps that are made
// whole.
#include "mailctl/change/maps/front_files.hpp"

#include "mailctl/change/maps/dovecot_version.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/exchange/maps/front_maps.hpp"
#include "mailctl/os/digest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

constexpr std::size_t most_front_rows = 2000; // more is sooner made whole

// How the maps lie there, and what they were made by.
Result<std::string> front_stamp(const Paths& paths, const MapContext& context, const Site& site) {
    std::string text = fmt::format("1 {} {} {} {}\n", dovecot_number(context.dovecot), context.maps,
                                   context.database_type, site.addresses.delimiters);
    TRY_ASSIGN(const auto names, list_directory(paths.maps));
    for (const auto& name : names) {
        if (!is_front_map(name)) continue;
        TRY_ASSIGN(const auto stamp, find_stamp(paths.maps + "/" + name));
        if (stamp) text += fmt::format("{} {} {} {}\n", stamp->inode, stamp->size, stamp->mtime_ns, name);
    }
    return digest(text);
}

Status remember_stamp(FrontBook& book, std::string stamp) {
    TRY_ASSIGN(auto state, book.state());
    if (state.maps_stamp == stamp) return {};
    state.maps_stamp = std::move(stamp);
    TRY(book.begin());
    TRY(book.put_state(state));
    return book.commit();
}

bool is_quoted_row(const std::string& line) { return line.starts_with('"'); }

// postmap takes a quoted key apart when it is to remove it.
bool says_quoted_keys(const LineChanges& lines) {
    return std::ranges::any_of(lines.removed, is_quoted_row) || std::ranges::any_of(lines.added, is_quoted_row);
}

MapPieces pieces_of(const FrontNodes& nodes, const std::optional<FrontDomain>& domain) {
    return domain ? front_pieces(nodes, *domain) : MapPieces{};
}

Result<WantedMaps> whole_front_maps(const FrontMaking& making, const Site& site, FrontBook& book) {
    WantedMaps wanted{making.context.database_type, {}, empty_front_maps(making.context, site.addresses), {}, {}};
    TRY_ASSIGN(const auto state, book.state());
    TRY(book.each([&](const FrontDomain& domain) -> Status {
        const auto pieces = front_pieces(state.nodes, domain);
        for (auto& file : wanted.files)
            if (const auto piece = pieces.find(file.name); piece != pieces.end() && !piece->second.empty())
                file.text += section_heading(domain.name) + '\n' + piece->second;
        return {};
    }));
    return wanted;
}

std::vector<std::string> maps_in(const RowChanges& changes) {
    std::vector<std::string> names;
    for (const auto& [map, unused] : changes)
        names.push_back(map);
    return names;
}

} // namespace

Result<FrontMaking> find_front_making(const Paths& paths, const Site& site) {
    FrontMaking making;
    TRY_ASSIGN(const auto type, find_database_type(site.maps, paths.maps));
    if (!type) making.notes.emplace_back("no Postfix on this machine: maps are plain text (texthash)");
    making.context.maps = paths.maps;
    making.context.database_type = type.value_or("texthash");
    TRY_ASSIGN(const auto dovecot, find_dovecot_for(site.maps));
    making.context.dovecot = dovecot.value_or(DovecotVersion::v23);
    return making;
}

std::optional<RowChanges> front_row_changes(const FrontChange& change) {
    if (change.nodes_before != change.nodes_after) return std::nullopt; // in every row
    RowChanges changes;
    std::size_t rows = 0;
    for (const auto& [name, before] : change.before) {
        auto old_pieces = pieces_of(change.nodes_before, before);
        const auto new_pieces = pieces_of(change.nodes_after, change.after.at(name));
        for (const auto& [map, unused] : new_pieces)
            old_pieces.try_emplace(map);
        for (const auto& [map, old_text] : old_pieces) {
            const auto found = new_pieces.find(map);
            auto lines = compare_lines(old_text, found == new_pieces.end() ? "" : found->second);
            if (lines.empty()) continue;
            rows += lines.size();
            if (rows > most_front_rows || says_quoted_keys(lines)) return std::nullopt;
            lines.section = section_heading(name);
            changes[map].push_back(std::move(lines));
        }
    }
    return changes;
}

Result<std::vector<std::string>> install_front_maps(const Paths& paths, const Site& site, const FrontMaking& making,
                                                    FrontBook& book, const FrontKnown& known) {
    TRY(make_directories(paths.maps, 0755));
    TRY_ASSIGN(const auto found, front_stamp(paths, making.context, site));
    const bool is_known = known.changes && found == known.stamp;
    std::vector<std::string> written;
    if (!is_known || !known.changes->empty()) {
        TRY(remember_stamp(book, ""));
    }
    if (is_known && (known.changes->empty() || has_changeable_index(making.context.database_type))) {
        TRY(apply_row_changes(paths, site, making.context.database_type, *known.changes));
        written = maps_in(*known.changes);
    } else {
        TRY_ASSIGN(const auto wanted, whole_front_maps(making, site, book));
        TRY_ASSIGN(written, install_differing(paths, site, wanted));
    }
    TRY_ASSIGN(auto stamp, front_stamp(paths, making.context, site));
    TRY(remember_stamp(book, std::move(stamp)));
    return written;
}

} // namespace mailctl
