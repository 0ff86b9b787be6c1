// Rendering for this machine, comparing and installing.
#include "mailctl/admin/map_files.hpp"

#include "mailctl/admin/postmap.hpp"
#include "mailctl/system/files.hpp"
#include "mailctl/system/mail_owner.hpp"
#include "mailctl/system/maildir.hpp"
#include "mailctl/system/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

constexpr mode_t others_may_read = 0004;

Result<MapContext> context_of(const SiteView& view, const World& world, const Site& site, WantedMaps& wanted) {
    const Paths paths = paths_of(world.paths, site);
    TRY_ASSIGN(const auto type, find_database_type(site.maps));
    if (!type) wanted.notes.push_back("no Postfix on this machine: maps are plain text (texthash)");
    wanted.database_type = type.value_or("texthash");
    TRY_ASSIGN(const auto owner, get_mail_owner(view.paths(), site.mail));
    MapContext context;
    context.maps = paths.maps;
    context.mail = paths.mail;
    context.mailbox_directory = mailbox_directory;
    context.lmtp_socket = paths.lmtp_socket;
    context.root = paths.root;
    context.deliver_program = find_sibling_program("mailctl-deliver").value_or(context.deliver_program);
    context.database_type = wanted.database_type;
    context.uid = owner.user;
    context.gid = owner.group;
    context.today = day_in_zone(world.clock(), site.time_zone);
    return context;
}

Result<ModelLookup::Domains> applied_domains(const SiteView& view, const ChangedDomains& changed) {
    ModelLookup::Domains domains;
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    for (const auto& name : names) {
        if (changed.contains(name)) continue;
        TRY_ASSIGN(auto domain, view.find_applied_domain(name));
        if (domain) domains.emplace(name, std::move(*domain));
    }
    for (const auto& [name, domain] : changed)
        if (domain) domains.emplace(name, *domain);
    return domains;
}

// postmap and Dovecot give up on all domains where one certificate is missing.
void leave_out_unreadable(ModelLookup::Domains& domains, WantedMaps& wanted) {
    for (auto& [name, domain] : domains) {
        if (!domain.tls) continue;
        for (const auto& path : {domain.tls->certificate, domain.tls->key}) {
            if (is_readable(path)) continue;
            wanted.without_tls.emplace(
                name, fmt::format("warning: {}: cannot read '{}': the domain has no TLS certificate of its own in the "
                                  "maps until 'mailctl map build' can",
                                  name.display(), path));
        }
        if (wanted.without_tls.contains(name)) domain.tls.reset();
    }
    for (const auto& [unused, note] : wanted.without_tls)
        wanted.notes.push_back(note);
}

std::optional<std::string> index_of(const MapFile& map, const WantedMaps& wanted) {
    return map.kind == MapKind::text ? std::nullopt : index_name(map.name, wanted.database_type);
}

// Dovecot sees a change of its passwd-file by size and by whole seconds of its time only.
Status make_change_visible(const std::string& staged, const std::string& target) {
    constexpr std::int64_t second = 1'000'000'000;
    TRY_ASSIGN(const auto before, find_stamp(target));
    TRY_ASSIGN(const auto after, find_stamp(staged));
    if (!before || !after || after->size != before->size || after->mtime_ns / second > before->mtime_ns / second)
        return {};
    return set_modified(staged, before->mtime_ns / second + 1);
}

// Text first: while the index is older than its text it counts as stale, so that a killed installation is repeated.
Status install(const Paths& paths, const Site& site, const MapFile& map, const WantedMaps& wanted) {
    const std::string target = paths.maps + "/" + map.name, staged = fmt::format("{}/.{}.new", paths.maps, map.name);
    const bool secret = (map.mode & others_may_read) == 0;
    TRY(stage_file(staged, target, map.text, FileMode{map.mode, secret ? find_group(paths, "dovecot") : std::nullopt}));
    const auto index = index_of(map, wanted);
    if (!index) {
        TRY(make_change_visible(staged, target));
        return publish_file(staged, target);
    }
    const std::string staged_index = *index_name(staged, wanted.database_type);
    TRY(remove_file(staged_index));
    auto built = build_index(staged, map.kind, wanted.database_type, site.maps);
    if (!built) {
        static_cast<void>(remove_file(staged));
        static_cast<void>(remove_file(staged_index));
        return built;
    }
    TRY(publish_file(staged, target));
    return publish_file(staged_index, paths.maps + "/" + *index);
}

} // namespace

Result<WantedMaps> wanted_maps(const SiteView& view, const World& world, const Site& site,
                               const ChangedDomains& changed) {
    WantedMaps wanted;
    TRY_ASSIGN(const auto context, context_of(view, world, site, wanted));
    TRY_ASSIGN(auto domains, applied_domains(view, changed));
    leave_out_unreadable(domains, wanted);
    const ModelLookup lookup(site, domains);
    TRY_ASSIGN(wanted.files, make_maps(MapSource{context, site, domains, lookup}));
    return wanted;
}

Result<std::vector<MapState>> compare_maps(const Paths& paths, const WantedMaps& wanted) {
    std::vector<MapState> states;
    for (const auto& map : wanted.files) {
        const std::string path = paths.maps + "/" + map.name;
        MapState state{&map, {}, true};
        TRY_ASSIGN(state.installed, find_file(path));
        if (const auto index = index_of(map, wanted)) {
            TRY_ASSIGN(const auto text_stamp, find_stamp(path));
            TRY_ASSIGN(const auto index_stamp, find_stamp(paths.maps + "/" + *index));
            state.index_current = text_stamp && index_stamp && index_stamp->mtime_ns >= text_stamp->mtime_ns;
        }
        states.push_back(std::move(state));
    }
    return states;
}

Result<std::vector<std::string>> leftover_maps(const Paths& paths, const WantedMaps& wanted) {
    std::set<std::string> known;
    for (const auto& map : wanted.files) {
        known.insert(map.name);
        if (const auto index = index_of(map, wanted)) known.insert(*index);
    }
    TRY_ASSIGN(auto names, list_directory(paths.maps));
    std::erase_if(names, [&](const std::string& name) { return known.contains(name); });
    return names;
}

Result<std::vector<std::string>> install_maps(const Paths& paths, const Site& site, const WantedMaps& wanted) {
    std::vector<std::string> written;
    TRY(make_directories(paths.maps, 0755));
    TRY_ASSIGN(const auto states, compare_maps(paths, wanted));
    for (const auto& state : states) {
        if (state.current()) continue;
        TRY(install(paths, site, *state.map, wanted));
        written.push_back(state.map->name);
    }
    TRY_ASSIGN(const auto leftovers, leftover_maps(paths, wanted));
    for (const auto& name : leftovers) {
        TRY(remove_file(paths.maps + "/" + name));
        written.push_back(name);
    }
    return written;
}

} // namespace mailctl
