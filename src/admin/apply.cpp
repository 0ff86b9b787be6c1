// SPDX-License-Identifier: Apache-2.0
// `mailctl apply`: hand edits take effect, and whatever is made from the files is made anew where it was lost.
#include "mailctl/admin/settings.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/exposed_files.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

// A file that was meant as a domain and is none must not be passed over in silence. One with another ending is nobody's
// business: an editor's backup, say.
Status refuse_misnamed(const SiteView& view) {
    std::vector<std::string> strays;
    TRY(view.domain_names(&strays));
    std::string what;
    for (const auto& stray : strays)
        if (stray.ends_with(".toml"))
            what += fmt::format("{}{}: {}", what.empty() ? "" : "\n", stray, misnamed_file.what);
    if (what.empty()) return {};
    return fail(ErrorKind::invalid, std::move(what), std::string(misnamed_file.remedy));
}

Result<ChangePlan> plan_hand_edits(const SiteView& view) {
    ChangePlan plan;
    plan.name_unused_keys = plan.hand_edits = true;
    plan.report = report_of("file", Layout::text);
    TRY(refuse_misnamed(view));
    TRY_ASSIGN(const auto files, unapplied_files(view));
    for (const auto& file : files) {
        TRY_ASSIGN(const auto text, view.find_text(file));
        plan.files.emplace(file, text ? FileAction(std::vector<Edit>{}) : FileAction(RemoveFile{}));
    }
    return plan;
}

Status note_exposed_files(const World& world, Report& report) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto exposed, find_exposed_files(view));
    for (const auto& path : exposed)
        report.notes.push_back(fmt::format(
            "warning: everybody may read '{}', and it holds password hashes: chmod o-rwx '{}'", path, path));
    return {};
}

} // namespace

Result<Report> apply_hand_edits(const World& world, const ChangeOptions& options) {
    TRY_ASSIGN(auto report, change(world, options, plan_hand_edits));
    TRY(note_exposed_files(world, report));
    if (options.dry_run) return report;
    TRY_ASSIGN(const auto rebuilt, restore_compiled(world, options));
    if (rebuilt.empty()) return report;
    std::erase(report.notes, "nothing to change"); // it would not be true
    report.notes.insert(report.notes.end(), rebuilt.begin(), rebuilt.end());
    return report;
}

} // namespace mailctl
