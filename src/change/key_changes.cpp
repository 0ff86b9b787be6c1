// SPDX-License-Identifier: Apache-2.0
// lib/dkim.pending names the directories in which something is staged. It is written before the first of these files,
// so that whoever comes after a killed change finds them all; whether they count, the pending record says.
#include "mailctl/change/key_changes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/dry_run.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/maps/files.hpp"
#include "mailctl/change/signer.hpp"
#include "mailctl/config/selectors_file.hpp"
#include "mailctl/exchange/dkim_rotation.hpp"
#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/report/unified_diff.hpp"
#include "mailctl/site/dkim_keys.hpp"
#include "mailctl/store/history.hpp"
#include "record_number.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr mode_t key_mode = 0600, selectors_mode = 0644, key_directory_mode = 0755;

std::string staging_list(const Paths& paths) { return paths.lib + "/dkim.pending"; }

Result<std::vector<std::string>> staged_directories(const Paths& paths) {
    TRY_ASSIGN(const auto text, find_file(staging_list(paths)));
    std::vector<std::string> directories;
    if (!text) return directories;
    for (const auto line : split(std::string_view(*text), '\n'))
        if (line.starts_with('/')) directories.emplace_back(line);
    return directories;
}

struct KeyPlaces {
    const Paths& paths;
    const Site& site;
    FileMode mode; // of keys
};

// conflict: the user that keys belong to does not exist. Below --root they are the caller's unless dkim.user is set.
Result<FileMode> key_file_mode(const Paths& paths, const Site& site) {
    FileMode mode{key_mode, std::nullopt};
    TRY_ASSIGN(const auto owner, find_key_owner(paths, site));
    if (!owner) return mode;
    mode.owner = owner->user;
    mode.group = owner->group;
    return mode;
}

Status stage_key(const KeyPlaces& places, const std::string& directory, const NewKey& made) {
    const auto stage = [&](const std::string& path, const std::string& text) -> Status {
        TRY(remove_file(path)); // none that counts: its name would be taken
        return stage_file(staged_path(path), path, text, places.mode);
    };
    TRY(stage(directory + "/" + key_file_name(made.selector), made.key.pem));
    if (made.key.seed.empty()) return {};
    return stage(directory + "/" + rspamd_key_file_name(made.selector), made.key.seed + "\n");
}

Status stage_change(const KeyPlaces& places, const SelectorChange& change) {
    const auto directory = dkim_directory_of(places.paths, places.site, change.domain);
    TRY(make_owned_directory(directory, key_directory_mode, std::nullopt));
    for (const auto& made : change.keys) {
        TRY(stage_key(places, directory, made));
    }
    const auto path = selectors_path(places.paths, places.site, change.domain);
    return stage_file(staged_path(path), path, format_selectors(change.domain, change.after),
                      FileMode{selectors_mode, std::nullopt});
}

Status stage_changes(const KeyPlaces& places, std::span<const SelectorChange> changes) {
    std::string list;
    for (const auto& change : changes)
        list += dkim_directory_of(places.paths, places.site, change.domain) + "\n";
    TRY(replace_file(staging_list(places.paths), list, FileMode{0600, std::nullopt}));
    for (const auto& change : changes) {
        TRY(stage_change(places, change));
    }
    return {};
}

Status publish_if_staged(const std::string& path) {
    TRY_ASSIGN(const auto staged, find_stamp(staged_path(path)));
    if (!staged) return {};
    return rename_file(staged_path(path), path);
}

// Keys before the file that names them; of what is gone the keys last.
Status settle_directory(const std::string& directory) {
    const auto path = directory + "/selectors.toml";
    TRY_ASSIGN(auto text, find_file(staged_path(path)));
    if (!text) {
        TRY_ASSIGN(text, find_file(path));
    }
    if (!text) return {};
    TRY_ASSIGN(const auto selectors, parse_selectors(*text, path));
    for (const auto& selector : selectors) {
        TRY(publish_if_staged(directory + "/" + key_file_name(selector.name)));
        TRY(publish_if_staged(directory + "/" + rspamd_key_file_name(selector.name)));
    }
    TRY(publish_if_staged(path));
    TRY(sync_directory(directory));
    for (const auto& selector : selectors) {
        if (selector.state != SelectorState::gone) continue;
        TRY(remove_file(directory + "/" + key_file_name(selector.name)));
        TRY(remove_file(directory + "/" + rspamd_key_file_name(selector.name)));
    }
    return {};
}

bool changes_nothing(const SelectorChange& change) { return change.before == change.after; }

bool changes_signing(const SelectorChange& change) {
    return signing_selectors(change.before, DkimSigner::none) != signing_selectors(change.after, DkimSigner::none);
}

void add_key_diff(Report& report, const std::string& path, std::string_view before, std::string_view after) {
    const auto diff = unified_diff(before, after, before.empty() ? "/dev/null" : path, path);
    if (diff.empty()) return;
    report.text += diff;
    report.rows.push_back({{"file", path}, {"diff", diff}});
}

// The maps as they would be: the selectors of changed domains come from the plan.
Status add_map_diffs(const World& world, const SiteView& view, std::span<const SelectorChange> changes,
                     Report& report) {
    if (view.site().dkim.signer == DkimSigner::none) return {};
    TRY_ASSIGN(auto making, find_map_making(view, world, view.site()));
    std::map<DomainName, const SelectorChange*> changed;
    for (const auto& change : changes)
        changed.emplace(change.domain, &change);
    making.context.find_selectors = [&, find = making.context.find_selectors](const DomainName& name) {
        const auto found = changed.find(name);
        return found == changed.end() ? find(name) : found->second->after;
    };
    TRY_ASSIGN(const auto wanted, wanted_maps(view, std::move(making), view.site()));
    for (const auto& map : wanted.files) {
        if (!is_signing_map(map.name)) continue;
        TRY_ASSIGN(const auto state, compare_map(view.paths(), wanted, map));
        add_key_diff(report, view.paths().maps + "/" + map.name, state.installed.value_or(""), map.text);
    }
    return {};
}

Result<Report> try_selectors(const World& world, const SelectorPlanner& plan) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    KeyStock none;
    TRY_ASSIGN(auto planned, plan(view, none));
    std::erase_if(planned.changes, changes_nothing);
    Report report = report_of("diff", Layout::text);
    for (const auto& change : planned.changes) {
        const auto path = selectors_path(view.paths(), view.site(), change.domain);
        TRY_ASSIGN(const auto before, find_file(path));
        add_key_diff(report, path, before.value_or(""), format_selectors(change.domain, change.after));
    }
    if (planned.changes.empty()) {
        report.notes.emplace_back("nothing to change");
        return report;
    }
    TRY(add_map_diffs(world, view, planned.changes, report));
    report.notes.emplace_back("dry run: nothing was written, and no key made");
    return report;
}

// The view of the plan ends before the change is carried through.
Result<std::optional<HistoryRecord>> commit_selectors(const World& world, const ChangeOptions& options,
                                                      const SelectorPlanner& plan, KeyStock& keys, Report& report,
                                                      bool& signs_otherwise) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(auto planned, plan(view, keys));
    std::erase_if(planned.changes, changes_nothing);
    report = std::move(planned.report);
    if (planned.changes.empty()) return std::nullopt;
    signs_otherwise = std::ranges::any_of(planned.changes, changes_signing);
    TRY_ASSIGN(const auto mode, key_file_mode(view.paths(), view.site()));
    HistoryRecord record{0, world.clock(), world.actor, world.command_line, options.reason, {}, {}, {}};
    TRY_ASSIGN(record.id, next_record_number(view.paths(), view.site()));
    auto staged = stage_changes({view.paths(), view.site(), mode}, planned.changes);
    if (staged) staged = save_record(view.paths(), record);
    if (staged) return std::optional(std::move(record));
    TRY(drop_staged_selectors(view.paths()));
    return fail(staged.error());
}

} // namespace

Status settle_selectors(const Paths& paths) {
    TRY_ASSIGN(const auto directories, staged_directories(paths));
    for (const auto& directory : directories) {
        TRY(settle_directory(directory));
    }
    return remove_file(staging_list(paths));
}

Status drop_staged_selectors(const Paths& paths) {
    TRY_ASSIGN(const auto directories, staged_directories(paths));
    for (const auto& directory : directories)
        for (const std::string_view ending : {".pem", ".rspamd", ".toml"}) {
            TRY(remove_staged(directory, ending));
        }
    TRY(remove_file(staged_path(staging_list(paths))));
    return remove_file(staging_list(paths));
}

namespace {

// The keys a plan will want. Where it cannot say without the lock, they are made as they are wanted.
Result<KeyStock> stock_for(const World& world, const SelectorPlanner& plan) {
    KeyStock keys;
    {
        TRY_ASSIGN(const auto view, SiteView::open(world)); // says what is missing before a lock file would be made
        if (!plan(view, keys)) keys = {};
    }
    TRY(keys.fill());
    return keys;
}

} // namespace

Result<Report> change_selectors(const World& world, const ChangeOptions& options, const SelectorPlanner& plan) {
    if (options.dry_run) return try_selectors(world, plan);
    TRY_ASSIGN(auto keys, stock_for(world, plan));
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    Report report;
    bool signs_otherwise = false;
    TRY_ASSIGN(auto record, commit_selectors(world, options, plan, keys, report, signs_otherwise));
    if (!record) {
        report.notes.emplace_back("nothing to change");
    } else {
        const auto id = record->id;
        auto done = finish_change(world, std::make_shared<const HistoryRecord>(std::move(*record)));
        if (!done)
            return fail(done.error().while_doing(fmt::format("change {} is recorded but not carried through", id)));
        std::ranges::move(done->notes, std::back_inserter(finished.notes));
        finished.maps = std::move(done->maps);
        TRY_ASSIGN(const auto view, SiteView::open(world));
        if (signs_otherwise)
            std::ranges::move(reload_signer(view.paths(), view.site()), std::back_inserter(finished.notes));
    }
    std::ranges::move(finished.notes, std::back_inserter(report.notes));
    if (finished.maps) {
        report.notes.push_back(fmt::format("the change is made, but not the maps: {}", finished.maps->what));
        report.notes.emplace_back("hint: try again with 'mailctl map build'");
        report.status = exit_code(finished.maps->kind);
    }
    return report;
}

} // namespace mailctl
