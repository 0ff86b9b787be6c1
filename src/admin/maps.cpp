// SPDX-License-Identifier: Apache-2.0
// `mailctl map`.
#include "mailctl/admin/maps.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/dry_run.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/maps/dovecot_version.hpp"
#include "mailctl/change/maps/files.hpp"
#include "mailctl/change/maps/key_files.hpp"
#include "mailctl/change/served_certificates.hpp"
#include "mailctl/change/server_reload.hpp"
#include "mailctl/change/signer.hpp"
#include "mailctl/report/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailctl {

namespace {

std::string_view trouble_of(const MapState& state) {
    if (!state.installed) return "missing";
    if (!state.text_current) return "differs";
    return "index is missing or old";
}

void add_diff(const Paths& paths, const MapState& state, Report& report) {
    const std::string path = paths.maps + "/" + state.map->name;
    const std::string diff = hide_hashes(
        unified_diff(state.installed_in_order(), state.map->text, state.installed ? path : "/dev/null", path));
    if (diff.empty()) return;
    report.text += diff;
    report.rows.push_back({{"file", path}, {"diff", diff}});
}

// Maps are made from what was applied; a file edited since is in none of them.
Status note_unapplied(const SiteView& view, Report& report) {
    TRY_ASSIGN(const auto files, unapplied_files(view));
    for (const auto& file : files) {
        report.rows.push_back({{"map", file.path(view.paths())}, {"state", std::string("edited and not applied")}});
        report.notes.push_back(
            fmt::format("'{}' was edited and not applied yet: mailctl apply", file.path(view.paths())));
    }
    return {};
}

} // namespace

namespace {

void add_renewed(const CertificateChanges& changes, Report& report) {
    for (const auto& path : changes.renewed)
        report.notes.push_back(fmt::format("new certificate '{}'", path));
}

Status reload_servers(const SiteView& view, const CertificateChanges& changes, Report& report) {
    if (!changes.any) {
        report.notes.emplace_back("no certificate changed: nothing to reload");
        return {};
    }
    add_renewed(changes, report);
    auto reloaded = reload_mail_servers(view.paths(), view.site());
    std::ranges::move(reloaded.notes, std::back_inserter(report.notes));
    if (!reloaded.failed) return remember_certificates(view.paths(), changes);
    report.status = exit_code(ErrorKind::failed);
    return {};
}

void add_built(const SiteView& view, const std::vector<std::string>& names, Report& report) {
    for (const auto& name : names) {
        report.rows.push_back({{"map", name}, {"done", std::string("built")}});
        report.notes.push_back(fmt::format("built '{}/{}'", view.paths().maps, name));
    }
}

Result<Report> show_build(const World& world, Certificates certificates) {
    TRY_ASSIGN(auto report, diff_maps(world));
    if (certificates == Certificates::as_told) return report;
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto wanted, wanted_maps(view, world, view.site()));
        TRY_ASSIGN(const auto changes, find_certificate_changes(view, wanted));
        add_renewed(changes, report);
        report.notes.emplace_back(changes.any ? "Postfix and Dovecot would be reloaded where they run"
                                              : "no certificate changed: nothing to reload");
        return std::move(report);
    });
}

} // namespace

namespace {

Report nothing_to_build(std::vector<std::string> finished, std::vector<std::string> missing_here) {
    Report report = report_of("map", Layout::text);
    report.notes = std::move(finished);
    std::ranges::move(missing_here, std::back_inserter(report.notes));
    report.notes.emplace_back("nothing to change");
    return report;
}

} // namespace

Result<Report> build_maps(const World& world, const ChangeOptions& options, Certificates certificates) {
    if (options.dry_run) return show_build(world, certificates);
    TRY(SiteView::open(world));
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto mended, mend_key_files(view));
    TRY_ASSIGN(auto making, find_map_making(view, world, view.site()));
    if (certificates == Certificates::as_told && mended.empty()) {
        TRY_ASSIGN(const bool current, is_known_current(view, making));
        if (current) return nothing_to_build(std::move(finished.notes), std::move(making.notes));
    }
    TRY_ASSIGN(auto wanted, wanted_maps(view, std::move(making), view.site()));
    CertificateChanges changes;
    if (certificates == Certificates::renewed) {
        TRY_ASSIGN(changes, find_certificate_changes(view, wanted));
        wanted.embeds_anew = changes.any;
    }
    TRY_ASSIGN(const auto written, install_maps(view.paths(), view.site(), wanted));
    Report report = report_of("map", Layout::text);
    report.notes = std::move(finished.notes);
    for (const auto& notes : {mended, wanted.notes, wanted.certificate_notes, wanted.missing_services})
        report.notes.insert(report.notes.end(), notes.begin(), notes.end());
    add_built(view, written, report);
    if (written.empty() && mended.empty()) report.notes.emplace_back("nothing to change");
    if (std::ranges::any_of(written, is_signing_map))
        std::ranges::move(reload_signer(view.paths(), view.site()), std::back_inserter(report.notes));
    if (certificates == Certificates::as_told) return report;
    if (wanted.bad_certificates > 0) report.status = exit_code(ErrorKind::found);
    TRY(reload_servers(view, changes, report));
    return report;
}

namespace {

// The two read each other's files in part, and differently.
void add_other_dovecot(DovecotVersion written_for, Report& report) {
    const auto here = find_dovecot();
    if (!here || !*here || written_for == DovecotVersion::installed || **here == written_for) return;
    report.rows.push_back({{"map", "dovecot.conf"},
                           {"state", fmt::format("for Dovecot {}, and {} is here", dovecot_number(written_for),
                                                 dovecot_number(**here))}});
    report.notes.push_back(fmt::format("hint: mailctl config set maps.dovecot={}", dovecot_number(**here)));
}

Status compare_all(const SiteView& view, MapMaking making, Report& report) {
    TRY_ASSIGN(const auto wanted, wanted_maps(view, std::move(making), view.site()));
    for (const auto& map : wanted.files) {
        TRY_ASSIGN(const auto state, compare_map(view.paths(), wanted, map));
        if (!state.current()) report.rows.push_back({{"map", map.name}, {"state", std::string(trouble_of(state))}});
    }
    TRY_ASSIGN(const auto leftovers, leftover_maps(view.paths(), wanted));
    for (const auto& name : leftovers)
        report.rows.push_back({{"map", name}, {"state", std::string("left over")}});
    return {};
}

} // namespace

Result<Report> check_maps(const World& world) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(auto making, find_map_making(view, world, view.site()));
        TRY_ASSIGN(const bool current, is_known_current(view, making));
        Report report = report_of("map");
        if (!current) {
            TRY(compare_all(view, std::move(making), report));
        }
        if (!report.rows.empty())
            report.notes.emplace_back("'mailctl map diff' shows how, 'mailctl map build' mends it");
        add_other_dovecot(view.site().maps.dovecot, report);
        TRY(note_unapplied(view, report));
        if (!report.rows.empty()) report.status = exit_code(ErrorKind::found);
        return report;
    });
}

Result<Report> diff_maps(const World& world) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto wanted, wanted_maps(view, world, view.site()));
        Report report = report_of("diff", Layout::text);
        for (const auto& map : wanted.files) {
            TRY_ASSIGN(const auto state, compare_map(view.paths(), wanted, map));
            if (!state.text_current) add_diff(view.paths(), state, report);
        }
        return report;
    });
}

Result<Report> show_maps(const World& world, std::span<const std::string> names) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto wanted, wanted_maps(view, world, view.site()));
        std::vector<std::string> known;
        for (const auto& map : wanted.files)
            known.push_back(map.name);
        for (const auto& name : names) {
            if (std::ranges::find(known, name) != known.end()) continue;
            const auto near = nearest(name, known);
            return fail(ErrorKind::missing, fmt::format("no map '{}'", printable(name)),
                        near ? fmt::format("did you mean '{}'?", *near) : fmt::format("maps: {}", join(known, ", ")));
        }
        Report report = report_of("map", Layout::text);
        for (const auto& map : wanted.files) {
            if (!names.empty() && std::ranges::find(names, map.name) == names.end()) continue;
            if (names.size() != 1)
                report.text += fmt::format("{}==> {} <==\n", report.text.empty() ? "" : "\n", map.name);
            report.text += map.text;
            report.rows.push_back({{"map", map.name}, {"text", map.text}});
        }
        return report;
    });
}

} // namespace mailctl
