// SPDX-License-Identifier: Apache-2.0
// Rendering for this machine, comparing and installing.
#include "mailctl/change/maps/files.hpp"

#include "inputs.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/domain_certificates.hpp"
#include "mailctl/change/maps/dovecot_version.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "mailctl/change/maps/postmap.hpp"
#include "mailctl/exchange/maps/front_maps.hpp"
#include "mailctl/exchange/maps/postfix_fragments.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/line_changes.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/routing/changed_site.hpp"
#include "mailctl/site/dkim_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace mailctl {

namespace {

constexpr mode_t others_may_read = 0004;

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
    const bool is_secret = (map.mode & others_may_read) == 0;
    TRY(stage_file(staged, target, map.text,
                   FileMode{map.mode, is_secret ? find_group(paths, "dovecot") : std::nullopt}));
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

// smtpd may be in its chroot, which holds the queue's directory alone.
std::string policy_service(const Paths& paths, const Site::Maps& maps) {
    if (maps.policy == "off") return {};
    if (maps.policy != "on") return maps.policy;
    return paths.root.empty() ? "unix:private/mailctl-policy" : "unix:" + paths.policy_socket;
}

} // namespace

Result<MapMaking> find_map_making(const SiteView& view, const World& world, const Site& site) {
    MapMaking making;
    const Paths paths = paths_of(world.paths, site);
    TRY_ASSIGN(const auto type, find_database_type(site.maps, paths.maps));
    if (!type) making.notes.emplace_back("no Postfix on this machine: maps are plain text (texthash)");
    TRY_ASSIGN(const auto owner, get_mail_owner(view.paths(), site.mail));
    auto& context = making.context;
    context.maps = paths.maps;
    context.mail = paths.mail;
    context.mailbox_directory = mailbox_directory;
    context.lmtp_socket = paths.lmtp_socket;
    context.sasl_socket = paths.root.empty() ? "/var/spool/postfix/private/mailctl-auth" : paths.run + "/sasl.sock";
    context.policy_service = policy_service(paths, site.maps);
    context.root = paths.root;
    TRY_ASSIGN(const auto dovecot, find_dovecot_for(site.maps));
    if (!dovecot) making.notes.emplace_back("no Dovecot 2.3 or 2.4 on this machine: its files are written for 2.3");
    context.dovecot = dovecot.value_or(DovecotVersion::v23);
    context.deliver_program = find_sibling_program("mailctl-deliver").value_or(context.deliver_program);
    context.database_type = type.value_or("texthash");
    context.uid = owner.user;
    context.gid = owner.group;
    context.today = day_in_zone(world.clock(), site.time_zone);
    context.dkim_directory = mailctl::dkim_directory(paths, site);
    // One damaged file is no reason to leave all other domains without new maps; `map build` says it.
    context.find_selectors = [paths, site, said = making.doubts](const DomainName& name) {
        auto selectors = find_selectors(paths, site, name);
        if (selectors) return selectors;
        said->push_back(fmt::format("warning: {}: mail is not signed: {}", name.display(), selectors.error().what));
        return Result<std::vector<DkimSelector>>(std::vector<DkimSelector>());
    };
    context.doubt = [said = making.missing_services](std::string text) { said->push_back(std::move(text)); };
    // Below --root the system's Postfix is not this site's.
    if (paths.root.empty() || !site.maps.postfix_config_directory.empty())
        context.find_services = [maps = site.maps, said = making.services] {
            auto services = find_postfix_services(maps);
            *said = services_line(services);
            return services;
        };
    making.now = world.clock();
    TRY_ASSIGN(const auto program, find_stamp("/proc/self/exe"));
    making.made_from = maps_made_from(context, site, program);
    return making;
}

Result<WantedMaps> wanted_maps(const SiteView& view, const World& world, const Site& site,
                               const ChangedDomains& changed) {
    TRY_ASSIGN(auto making, find_map_making(view, world, site));
    return wanted_maps(view, std::move(making), site, changed);
}

namespace {

// The domains of the site by name, one at a time: as applied, but those of a dry run as they would be.
class SiteDomains {
  public:
    static Result<SiteDomains> list(const SiteView& view, const Site& site, const ChangedDomains& changed) {
        TRY_ASSIGN(const auto names, view.applied_domain_names());
        SiteDomains domains(view, changed, {names.begin(), names.end()});
        for (const auto& [name, domain] : changed) {
            if (domain)
                domains.names_.insert(name);
            else
                domains.names_.erase(name);
        }
        if (site.alternate_suffix == view.site().alternate_suffix) return domains;
        for (const auto& name : names) { // nothing that is compiled answers for the new names
            TRY_ASSIGN(domains.all_[name], domains.find(name));
        }
        domains.all_.insert(changed.begin(), changed.end());
        return domains;
    }
    [[nodiscard]] const std::set<DomainName>& names() const { return names_; }
    [[nodiscard]] Result<std::optional<Domain>> find(const DomainName& name) const {
        if (const auto known = changed_.find(name); known != changed_.end()) return known->second;
        return view_.find_applied_domain(name);
    }
    [[nodiscard]] ChangedSite lookup(const Site& site, const Lookup& compiled) const {
        return {site, compiled, all_.empty() ? changed_ : all_};
    }

  private:
    SiteDomains(const SiteView& view, const ChangedDomains& changed, std::set<DomainName> names)
        : view_(view), changed_(changed), names_(std::move(names)) {}

    const SiteView& view_;
    const ChangedDomains& changed_;
    std::set<DomainName> names_;
    ChangedDomains all_; // only where all must answer anew
};

} // namespace

Result<WantedMaps> wanted_maps(const SiteView& view, MapMaking making, const Site& site,
                               const ChangedDomains& changed) {
    TRY_ASSIGN(const auto domains, SiteDomains::list(view, site, changed));
    TRY_ASSIGN(const auto* compiled, view.applied());
    const auto lookup = domains.lookup(site, *compiled);
    SiteMaps maps({making.context, site, lookup, [&](const DomainName& name) { return domains.find(name); }});
    MapInputs inputs(making.context, site);
    std::vector<std::string> certificate_notes;
    std::size_t bad_certificates = 0;
    Progress progress("making maps", domains.names().size());
    for (const auto& name : domains.names()) {
        progress.step();
        TRY_ASSIGN(auto domain, domains.find(name));
        if (!domain) continue;
        inputs.add_domain(*domain);
        auto said = leave_out_unusable(*domain, site, making.now);
        if (!said.urgent.empty()) ++bad_certificates;
        if (!said.urgent.empty() || !said.others.empty()) inputs.doubt();
        std::ranges::move(said.urgent, std::back_inserter(making.notes));
        std::ranges::move(said.others, std::back_inserter(certificate_notes));
        TRY(maps.add(*domain));
    }
    TRY_ASSIGN(auto files, std::move(maps).finish());
    if (!making.doubts->empty() || !making.missing_services->empty()) inputs.doubt();
    std::ranges::move(*making.doubts, std::back_inserter(making.notes));
    return WantedMaps{making.context.database_type,
                      std::move(making.made_from),
                      std::move(files),
                      std::move(making.notes),
                      std::move(*making.missing_services),
                      std::move(certificate_notes),
                      bad_certificates,
                      std::move(inputs).take(*making.services)};
}

std::string MapState::installed_in_order() const {
    const std::string text = installed.value_or("");
    if (!map->is_rows || text.find(change_mark) == std::string::npos) return text;
    std::map<std::string_view, int> there;
    for (const auto line : split(text, '\n'))
        ++there[line];
    std::string in_order, others;
    for (const auto line : split(map->text, '\n'))
        if (there[line]-- > 0) in_order.append(line).append(1, '\n');
    for (const auto& [line, count] : there)
        for (int i = 0; i < count && !line.empty() && line.front() != '#'; ++i)
            others.append(line).append(1, '\n');
    return in_order + others;
}

namespace {

// Only a map that was changed in place may have its rows in another order, and blots between them.
bool says_the_same(const std::string& installed, const MapFile& map) {
    if (installed == map.text) return true;
    return map.is_rows && installed.find(change_mark) != installed.npos &&
           digest_rows(installed) == digest_rows(map.text);
}

// A quarter of it is blots: it is made anew when maps are made whole.
bool is_blotted(std::size_t size, std::size_t clean) {
    constexpr std::size_t slack = 64 << 10;
    return size > clean / 4 * 5 + slack;
}
bool is_blotted(const MapState& state) {
    return state.installed && is_blotted(state.installed->size(), state.map->text.size());
}

// `postmap -F` puts the files themselves into the index: a certificate renewed since is not in it.
bool holds_these_files(const MapFile& map, const FileStamp& index) {
    for (const auto row : split(map.text, '\n')) {
        if (row.empty() || row.front() == '#') continue;
        const auto words = split(row, ' ');
        for (std::size_t i = 1; i < words.size(); ++i) {
            const auto stamp = find_stamp(std::string(words[i]));
            if (!stamp || !*stamp || (*stamp)->mtime_ns > index.mtime_ns) return false;
        }
    }
    return true;
}

} // namespace

Result<MapState> compare_map(const Paths& paths, const WantedMaps& wanted, const MapFile& map) {
    const std::string path = paths.maps + "/" + map.name;
    MapState state{&map, {}, false, true};
    TRY_ASSIGN(state.installed, find_file(path));
    state.text_current = state.installed && says_the_same(*state.installed, map);
    if (const auto index = index_of(map, wanted)) {
        TRY_ASSIGN(const auto text_stamp, find_stamp(path));
        TRY_ASSIGN(const auto index_stamp, find_stamp(paths.maps + "/" + *index));
        state.index_current = text_stamp && index_stamp && index_stamp->mtime_ns >= text_stamp->mtime_ns;
        if (map.kind == MapKind::sni && state.index_current)
            state.index_current = !wanted.embeds_anew && holds_these_files(map, *index_stamp);
    }
    return state;
}

Result<std::vector<std::string>> leftover_maps(const Paths& paths, const WantedMaps& wanted) {
    std::set<std::string> known;
    for (const auto& map : wanted.files) {
        known.insert(map.name);
        if (const auto index = index_of(map, wanted)) known.insert(*index);
    }
    TRY_ASSIGN(auto names, list_directory(paths.maps));
    std::erase_if(names, [&](const std::string& name) { return known.contains(name) || is_front_map(name); });
    return names;
}

Result<std::vector<std::string>> install_differing(const Paths& paths, const Site& site, const WantedMaps& wanted) {
    std::vector<std::string> written;
    TRY(make_directories(paths.maps, 0755));
    Progress progress("installing maps", wanted.files.size());
    for (const auto& map : wanted.files) {
        progress.step();
        TRY_ASSIGN(auto state, compare_map(paths, wanted, map));
        if (state.current() && !is_blotted(state)) continue;
        state.installed.reset(); // a large one is not held twice
        TRY(install(paths, site, map, wanted));
        written.push_back(map.name);
    }
    return written;
}

Result<std::vector<std::string>> install_maps(const Paths& paths, const Site& site, const WantedMaps& wanted) {
    TRY(drop_ledger(paths));
    TRY_ASSIGN(auto written, install_differing(paths, site, wanted));
    TRY_ASSIGN(const auto leftovers, leftover_maps(paths, wanted));
    for (const auto& name : leftovers) {
        TRY(remove_file(paths.maps + "/" + name));
        written.push_back(name);
    }
    TRY(write_ledger_of_whole(paths, wanted.made_from, wanted.inputs));
    return written;
}

Result<bool> is_known_current(const SiteView& view, const MapMaking& making) {
    const auto& paths = view.paths();
    const auto text = find_ledger(paths);
    if (!text || !*text || view.pending()) return false;
    TRY_ASSIGN(const auto ledger, read_ledger(paths, **text, making.made_from));
    if (!ledger || is_blotted(ledger->bytes(), ledger->origin.whole_bytes)) return false;
    TRY_ASSIGN(const auto state, compiled_state(paths));
    if (state.empty() || state != ledger->state) return false;
    TRY_ASSIGN(const auto inputs, find_inputs(paths, *ledger));
    return inputs && inputs_hold(*inputs, making.context);
}

} // namespace mailctl
