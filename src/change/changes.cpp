// SPDX-License-Identifier: Apache-2.0
// The path of a change up to the commit point; what follows is finish's.
#include "mailctl/change/changes.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/dry_run.hpp"
#include "mailctl/change/mail/places.hpp"
#include "mailctl/change/mail/unmoved_mail.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/os/staged_files.hpp"
#include "mailctl/site/compiled.hpp"
#include "mailctl/site/exposed_files.hpp"
#include "preparing.hpp"
#include "record_number.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// Beside the files they will be, durable. What the record says of a text is taken from it here, because afterwards
// nobody needs it: it may be one of ten thousand.
Status stage(const Paths& paths, std::vector<Draft>& drafts, StagedFiles& staged, std::vector<FileChange>& changes,
             std::set<SourceFile>& written) {
    Progress progress("writing files", drafts.size());
    for (auto& draft : drafts) {
        progress.step();
        if (draft.next != draft.found) written.insert(draft.file);
        if (draft.next && draft.next != draft.found) {
            const auto path = draft.file.path(paths);
            TRY(staged.stage(path, *draft.next, FileMode{}));
            if (draft.file.domain) {
                TRY(close_to_others(staged_path(path), *draft.next));
            }
        }
        draft.record_in(changes);
        draft.forget_texts();
    }
    std::ranges::stable_sort(changes, {}, &FileChange::path);
    TRY(staged.flush());
    for (const auto& draft : drafts) {
        const std::string path = draft.file.path(paths);
        TRY_ASSIGN(const auto stamp, find_stamp(path));
        if (stamp != draft.stamp)
            return fail(ErrorKind::conflict, fmt::format("'{}' was changed by another program meanwhile", path),
                        "nothing was written; look at it and try again");
    }
    return {};
}

// Large texts go on to whoever finishes the change.
Result<std::map<DomainName, Published>> take_published(const Paths& paths, std::vector<Draft>& drafts) {
    std::map<DomainName, Published> published;
    for (auto& draft : drafts) {
        if (!draft.is_part()) continue;
        TRY_ASSIGN(const auto stamp, find_stamp(draft.file.path(paths)));
        if (stamp) published.emplace(*draft.file.domain, Published{*stamp, std::move(*draft.next)});
    }
    return published;
}

Status save_secrets(const ChangePlan& plan) {
    if (!plan.secrets) return {};
    TRY_ASSIGN(const auto exists, find_stamp(plan.secrets->path));
    if (exists)
        return fail(ErrorKind::conflict, fmt::format("'{}' exists already", printable(plan.secrets->path)),
                    "name a file that does not exist; none is overwritten");
    return replace_file(plan.secrets->path, plan.secrets->text, FileMode{0600, std::nullopt});
}

// A change that is recorded will be carried through, and then its passwords are of use.
void forget_secrets(const Paths& paths, const ChangePlan& plan) {
    const auto pending = find_pending(paths.history);
    if (plan.secrets && pending && !*pending) static_cast<void>(remove_file(plan.secrets->path));
}

// What validation has parsed already. An applied text that does not validate any more is none that it knows.
KnownDomains known_domains(const std::vector<Draft>& drafts, Validated& validated) {
    KnownDomains known{std::move(validated.before), std::move(validated.domains), {}, {}};
    for (const auto& draft : drafts) {
        if (draft.file.domain && draft.applied && !known.before.at(*draft.file.domain))
            known.before.erase(*draft.file.domain);
        if (draft.is_part()) known.parts.insert(*draft.file.domain);
    }
    return known;
}

Result<Finished> commit(const World& world, const ChangeOptions& options, const ChangePlan& plan,
                        std::vector<Draft> drafts, Validated& validated) {
    const auto record = std::make_shared<HistoryRecord>(
        HistoryRecord{0, world.clock(), world.actor, world.command_line, options.reason, plan.reverts, {}, plan.mail});
    TRY_ASSIGN(record->id, next_record_number(world.paths, validated.site));
    StagedFiles staged(drafts.size());
    std::set<SourceFile> written;
    TRY(stage(world.paths, drafts, staged, record->files, written));
    TRY(save_secrets(plan));
    if (auto saved = save_record(world.paths, *record); !saved) {
        forget_secrets(world.paths, plan);
        return fail(saved.error());
    }
    const auto after_commit = [&](const Error& error) {
        Error unfinished = error.while_doing(fmt::format("change {} is recorded but not carried through", record->id));
        if (unfinished.hint.empty()) unfinished.hint = "the next change, or 'mailctl apply', finishes it";
        return fail(std::move(unfinished));
    };
    StagedFiles::Expected expected;
    for (const auto& draft : drafts)
        expected.emplace(draft.file.path(world.paths), draft.stamp);
    std::vector<std::string> kept; // finishing says so, but of a large file
    if (auto renamed = staged.publish(expected, kept); !renamed) return after_commit(renamed.error());
    std::erase_if(kept, [&](const std::string& path) {
        return std::ranges::none_of(
            drafts, [&](const Draft& draft) { return draft.is_part() && draft.file.path(world.paths) == path; });
    });
    auto published = take_published(world.paths, drafts);
    if (!published) return after_commit(published.error());
    KnownChange known{known_domains(drafts, validated), std::move(*published), std::move(written)};
    drafts.clear();
    auto finished = finish_change(world, record, std::move(known));
    if (!finished) return after_commit(finished.error());
    if (finished->taken_back) return fail(finished->taken_back->while_doing("nothing was changed"));
    for (const auto& path : kept)
        finished->notes.push_back(fmt::format("'{}' was edited by hand meanwhile: see 'mailctl apply'", path));
    return finished;
}

void append(std::vector<std::string>& notes, std::vector<std::string> more) {
    notes.insert(notes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Report nothing_to_change(Report report) {
    report.notes = {"nothing to change"};
    return report;
}

void report_withheld(const Prepared& prepared, Report& report) {
    if (prepared.withheld.empty()) return;
    append(report.notes, prepared.withheld);
    report.status = exit_code(ErrorKind::conflict);
}

// What a plan says was done was not done; what it warns of holds all the same.
void append_warnings(const Report& planned, Report& report) {
    for (const auto& note : planned.notes)
        if (note.starts_with("warning: ") && std::ranges::find(report.notes, note) == report.notes.end())
            report.notes.push_back(note);
}

Result<Report> try_change(const World& world, const ChangeOptions& options, const Planner& planner) {
    Validated validated;
    TRY_ASSIGN(auto prepared, prepare_change(world, options, planner, {}, validated));
    if (prepared.empty()) {
        Report report = nothing_to_change({});
        report_withheld(prepared, report);
        return report;
    }
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(auto report, show_drafts(world, view, prepared.drafts, validated));
    report.notes = {"dry run: nothing was written"};
    append(report.notes, std::move(prepared.foreseen));
    append(report.notes, validated.notes);
    append_warnings(prepared.plan.report, report);
    report_withheld(prepared, report);
    return report;
}

// What is owed to mailboxes of the domains that the change touches; true: there was some, and it has moved.
Result<bool> move_mail_owed_there(const World& world, const Prepared& prepared, std::vector<std::string>& notes) {
    if (prepared.domains.empty()) return false;
    TRY_ASSIGN(const bool owes, owes_mail(world.paths));
    if (!owes) return false;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    return move_owed_mail(view, &prepared.domains, notes);
}

Status check_owed(const SiteView& view, const Prepared& prepared) {
    TRY_ASSIGN(const auto owed, OwedNames::load(view));
    return owed.check(prepared.moves, prepared.plan.reverts);
}

} // namespace

void ChangePlan::edit(const DomainName& domain, Edit edit) {
    auto& action = files.try_emplace(SourceFile{domain}).first->second;
    std::get<std::vector<Edit>>(action).push_back(std::move(edit));
}

Result<Report> change(const World& world, const ChangeOptions& options, const Planner& planner,
                      std::span<const Address> about) {
    if (options.dry_run) return try_change(world, options, planner);
    TRY_ASSIGN(const auto exists, find_stamp(world.paths.site_file));
    if (!exists) {
        TRY(SiteView::open(world)); // says what is missing before a lock file would be made
    }
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    Validated validated;
    TRY_ASSIGN(auto prepared, prepare_change(world, options, planner, about, validated));
    TRY_ASSIGN(const bool moved, move_mail_owed_there(world, prepared, finished.notes));
    if (moved) { // the plan may look at places of mail
        validated = {};
        TRY_ASSIGN(prepared, prepare_change(world, options, planner, about, validated));
    }
    Report report = std::move(prepared.plan.report);
    if (prepared.empty()) {
        report = nothing_to_change(std::move(report));
    } else {
        if (!prepared.moves.empty()) {
            TRY_ASSIGN(const auto view, SiteView::open(world));
            TRY(check_owed(view, prepared));
            TRY(check_mail_places(view));
            TRY(check_places_of(view, prepared.moves));
        }
        TRY_ASSIGN(auto done, commit(world, options, prepared.plan, std::move(prepared.drafts), validated));
        append(finished.notes, std::move(done.notes));
        finished.maps = std::move(done.maps);
        finished.unpacked = std::move(done.unpacked);
        finished.unmoved = std::move(done.unmoved);
    }
    append(report.notes, std::move(finished.notes));
    report_withheld(prepared, report);
    if (finished.unmoved) {
        report.notes.push_back(
            fmt::format("the change is made, but some mail stays where it was: {}", finished.unmoved->what));
        report.notes.push_back("hint: 'mailctl apply', or the next change of its domain, moves it as soon as that can "
                               "be; 'mailctl history "
                               "revert' takes the change back");
        report.status = exit_code(finished.unmoved->kind);
    }
    if (finished.unpacked) {
        report.notes.push_back(fmt::format("the mail stays in the archive area: {}", finished.unpacked->what));
        report.status = exit_code(finished.unpacked->kind);
    }
    if (finished.maps) {
        report.notes.push_back(fmt::format("the change is made, but not the maps: {}", finished.maps->what));
        report.notes.push_back("hint: try again with 'mailctl map build'");
        report.status = exit_code(finished.maps->kind);
    }
    return report;
}

} // namespace mailctl
