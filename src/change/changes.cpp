// The path of a change up to the commit point; what follows is finish's.
#include "mailctl/change/changes.hpp"

#include "mail_places.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/dry_run.hpp"
#include "mailctl/change/losses.hpp"
#include "mailctl/change/validation.hpp"
#include "mailctl/os/progress.hpp"
#include "mailctl/os/staged_files.hpp"
#include "mailctl/site/compiled.hpp"
#include "mailctl/site/lost_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

Result<SourceText> next_text(const Draft& draft, FileAction& action, const Paths& paths) {
    if (std::holds_alternative<RemoveFile>(action)) return std::nullopt;
    if (auto* text = std::get_if<std::string>(&action)) return SourceText(std::move(*text));
    const auto& edits = std::get<std::vector<Edit>>(action);
    if (edits.empty()) return draft.found;
    if (!draft.found)
        return fail(ErrorKind::missing, fmt::format("no file '{}'", draft.file.path(paths)),
                    "see 'mailctl domain list'");
    TRY_ASSIGN(auto text, apply_edits(*draft.found, edits, draft.file.path(paths)));
    return SourceText(std::move(text));
}

Result<Draft> draft_part(std::shared_ptr<const PartOfDomain> part, const SourceFile& file, const FileAction& action,
                         const Paths& paths) {
    const auto* edits = std::get_if<std::vector<Edit>>(&action);
    if (!edits) return fail(ErrorKind::conflict, "a part does not tell what a new text says");
    TRY_ASSIGN(auto edited, edit_part(*part, *edits, file.path(paths)));
    const auto stamp = part->stamp;
    return Draft{file, {}, {}, std::move(edited.text), stamp, std::move(part), std::move(edited.reading_text)};
}

// Files that the plan leaves as they are applied drop out. The plan of a whole site is let go as its texts come to be.
Result<std::vector<Draft>> make_drafts(const SiteView& view, std::map<SourceFile, FileAction> files) {
    std::vector<Draft> drafts;
    while (!files.empty()) {
        auto planned = files.extract(files.begin());
        const auto& file = planned.key();
        if (auto part = file.domain ? view.find_part(*file.domain) : nullptr) {
            TRY_ASSIGN(auto draft, draft_part(std::move(part), file, planned.mapped(), view.paths()));
            if (draft.part->text != draft.next) drafts.push_back(std::move(draft));
            continue;
        }
        Draft draft{file, {}, {}, {}, {}};
        TRY_ASSIGN(draft.stamp, find_stamp(file.path(view.paths())));
        TRY_ASSIGN(draft.found, view.find_text(file));
        TRY_ASSIGN(draft.applied, view.find_applied_text(file));
        TRY_ASSIGN(draft.next, next_text(draft, planned.mapped(), view.paths()));
        if (draft.applied != draft.next || draft.found != draft.next) drafts.push_back(std::move(draft));
    }
    return drafts;
}

// A site whose applied texts are lost, restored from a backup of its files for instance, is applied whole: compiling a
// part of it would make all other domains unknown to the agent.
Status include_unapplied_site(const SiteView& view, ChangePlan& plan) {
    TRY_ASSIGN(const auto applied, view.find_applied_text(site_source));
    if (applied) return {};
    plan.files.try_emplace(site_source);
    TRY_ASSIGN(const auto names, view.domain_names());
    for (const auto& name : names)
        plan.files.try_emplace(SourceFile{name});
    return {};
}

void note_hand_edits(const SiteView& view, const std::vector<Draft>& drafts, std::vector<std::string>& notes) {
    for (const auto& draft : drafts)
        if (draft.applied && draft.found && *draft.applied != *draft.found && draft.found != draft.next)
            notes.push_back(fmt::format("edits made by hand in '{}' take effect too", draft.file.path(view.paths())));
}

// The rules of the site are those that were applied, whatever its file says by now.
Status note_unapplied_site(const SiteView& view, ChangePlan& plan) {
    TRY_ASSIGN(const auto text, view.find_text(site_source));
    TRY_ASSIGN(const auto applied, view.find_applied_text(site_source));
    if (text != applied)
        plan.report.notes.push_back(
            fmt::format("'{}' was edited and is not applied yet: mailctl apply", view.paths().site_file));
    return {};
}

// What an earlier hand edit did is a change of its own in the record, so that each can be told from the other.
void add_changes(const Draft& draft, std::vector<FileChange>& changes) {
    const std::string name = draft.file.relative();
    if (draft.part) {
        changes.push_back(make_file_change(name, draft.part->text, draft.next, draft.part->digest));
        return;
    }
    if (draft.applied != draft.found) changes.push_back(make_file_change(name, draft.applied, draft.found));
    if (draft.found != draft.next) changes.push_back(make_file_change(name, draft.found, draft.next));
}

// Generations only rise, also when the history was lost.
Result<std::uint64_t> next_id(const Paths& paths, const Site& site) {
    TRY_ASSIGN(const auto id, next_record_id(paths.history));
    auto directory = Directory::open(paths.directory);
    if (!directory && directory.error().kind != ErrorKind::missing) return fail(std::move(directory).error());
    if (!directory) return id;
    TRY_ASSIGN(const auto generation, generation_of(*directory, site));
    return std::max(id, generation + 1);
}

// Beside the files they will be, durable. What the record says of a text is taken from it here, because afterwards
// nobody needs it: it may be one of ten thousand.
Status stage(const Paths& paths, std::vector<Draft>& drafts, StagedFiles& staged, std::vector<FileChange>& changes) {
    Progress progress("writing files", drafts.size());
    for (auto& draft : drafts) {
        progress.step();
        if (draft.next && draft.next != draft.found) {
            TRY(staged.stage(draft.file.path(paths), *draft.next, FileMode{}));
        }
        add_changes(draft, changes);
        draft.found = std::nullopt;
        if (!draft.part) draft.next = std::nullopt;
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
        if (!draft.part) continue;
        TRY_ASSIGN(const auto stamp, find_stamp(draft.file.path(paths)));
        if (stamp) published.emplace(*draft.file.domain, Published{*stamp, std::move(*draft.next)});
    }
    return published;
}

Status save_record(const Paths& paths, const HistoryRecord& record) {
    auto saved = save_pending(paths.history, record);
    if (saved) return saved;
    // It may have become visible all the same; taken back it never was.
    if (auto dropped = drop_pending(paths.history); !dropped) return fail(dropped.error());
    return saved;
}

// What validation has parsed already. An applied text that does not validate any more is none that it knows.
KnownDomains known_domains(const std::vector<Draft>& drafts, Validated& validated) {
    KnownDomains known{std::move(validated.before), std::move(validated.domains), {}, {}};
    for (const auto& draft : drafts) {
        if (draft.file.domain && draft.applied && !known.before.at(*draft.file.domain))
            known.before.erase(*draft.file.domain);
        if (draft.part) known.parts.insert(*draft.file.domain);
    }
    return known;
}

Result<Finished> commit(const World& world, const ChangeOptions& options, const ChangePlan& plan,
                        std::vector<Draft> drafts, Validated& validated) {
    const auto record = std::make_shared<HistoryRecord>(
        HistoryRecord{0, world.clock(), world.actor, world.command_line, options.reason, plan.reverts, {}, plan.mail});
    TRY_ASSIGN(record->id, next_id(world.paths, validated.site));
    StagedFiles staged(drafts.size());
    TRY(stage(world.paths, drafts, staged, record->files));
    TRY(save_record(world.paths, *record));
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
            drafts, [&](const Draft& draft) { return draft.part && draft.file.path(world.paths) == path; });
    });
    auto published = take_published(world.paths, drafts);
    if (!published) return after_commit(published.error());
    KnownChange known{known_domains(drafts, validated), std::move(*published)};
    drafts.clear();
    auto finished = finish_change(world, record, std::move(known));
    if (!finished) return after_commit(finished.error());
    for (const auto& path : kept)
        finished->notes.push_back(fmt::format("'{}' was edited by hand meanwhile: see 'mailctl apply'", path));
    return finished;
}

void append(std::vector<std::string>& notes, std::vector<std::string> more) {
    notes.insert(notes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

struct Prepared {
    ChangePlan plan;
    std::vector<Draft> drafts;
    MailMoves moves;
    std::vector<std::string> withheld; // edits by hand that stay as they are
    std::vector<std::string> foreseen; // of mail, in a dry run
    [[nodiscard]] bool empty() const { return drafts.empty() && plan.mail.empty(); }
};

// What makes sense without a change of any text.
std::vector<MailOrder> giving_back(std::vector<MailOrder> orders) {
    std::erase_if(orders, [](const MailOrder& order) { return order.verb != "restore"; });
    return orders;
}

bool renames(const ChangePlan& plan) {
    return std::ranges::any_of(plan.mail, [](const MailOrder& order) { return order.verb == "rename"; });
}

// Of what edits by hand take away, only what somebody means (see losses).
Status withhold_losses(const SiteView& view, const ChangeOptions& options, const Validated& known, Prepared& prepared) {
    TRY_ASSIGN(const auto losses, find_losses(view, prepared.drafts, known.before, known.domains));
    if (losses.empty()) return {};
    if (!prepared.plan.hand_edits) return refuse_losses(view, losses);
    TRY_ASSIGN(const auto left, not_agreed(view, options, losses));
    for (const auto& loss : losses) {
        if (std::ranges::find(left, loss.file, &Loss::file) == left.end()) {
            prepared.plan.mail.push_back(mail_order::left_out(*loss.file.domain));
            continue;
        }
        std::erase_if(prepared.drafts, [&](const Draft& draft) { return draft.file == loss.file; });
        prepared.withheld.push_back(format_loss(view, loss));
    }
    return {};
}

// The drafts that are left may become the site. Withholding comes first where they may not: a file that is gone is
// rather that than a reason to refuse all others.
Status validate_prepared(const World& world, const SiteView& view, const ChangeOptions& options, Prepared& prepared,
                         Validated& validated) {
    const auto limits = prepared.plan.reverts ? Limits::are_lifted : Limits::hold;
    auto whole = validate_drafts(world, view, prepared.drafts, limits);
    if (!whole && !prepared.plan.hand_edits) return fail(std::move(whole).error());
    TRY(withhold_losses(view, options, whole ? *whole : Validated{}, prepared));
    if (!prepared.withheld.empty()) whole = validate_drafts(world, view, prepared.drafts, limits);
    if (!whole) return fail(std::move(whole).error());
    validated = std::move(*whole);
    return {};
}

void report_hand_edits(const SiteView& view, const std::vector<Draft>& drafts, Report& report) {
    for (const auto& draft : drafts) {
        const std::string path = draft.file.path(view.paths());
        report.rows.push_back({{"file", path}, {"done", std::string("applied")}});
        report.notes.push_back(fmt::format("applied '{}'", path));
    }
}

Result<Prepared> prepare_on(const World& world, const SiteView& view, const ChangeOptions& options,
                            const Planner& planner, Validated& validated) {
    Prepared prepared;
    TRY_ASSIGN(prepared.plan, planner(view));
    TRY(include_unapplied_site(view, prepared.plan));
    const bool touches_site = prepared.plan.files.contains(site_source);
    TRY_ASSIGN(prepared.drafts, make_drafts(view, std::exchange(prepared.plan.files, {})));
    if (prepared.drafts.empty()) prepared.plan.mail = giving_back(std::move(prepared.plan.mail));
    if (prepared.empty()) return prepared;
    TRY(validate_prepared(world, view, options, prepared, validated));
    if (prepared.plan.hand_edits) report_hand_edits(view, prepared.drafts, prepared.plan.report);
    TRY_ASSIGN(auto returning, returning_mail(view, prepared.drafts, validated.before, validated.domains));
    std::ranges::move(returning, std::back_inserter(prepared.plan.mail));
    for (const auto& [name, domain] : validated.domains) {
        const auto& before = validated.before.at(name);
        prepared.moves.compare(name, before ? &*before : nullptr, domain ? &*domain : nullptr);
    }
    TRY(prepared.moves.follow(prepared.plan.mail));
    if (options.dry_run) {
        TRY_ASSIGN(prepared.foreseen, foresee(view, prepared.moves));
    }
    note_hand_edits(view, prepared.drafts, prepared.plan.report.notes);
    if (!touches_site) {
        TRY(note_unapplied_site(view, prepared.plan));
    }
    append(prepared.plan.report.notes, validated.notes);
    if (prepared.plan.name_unused_keys) append(prepared.plan.report.notes, validated.unused_keys);
    return prepared;
}

// All that is decided before anything is written. The view ends here: LMDB is not open twice in one process.
Result<Prepared> prepare(const World& world, const ChangeOptions& options, const Planner& planner,
                         std::span<const Address> about, Validated& validated) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const bool in_part, view.read_in_part(about, world.whole_domains_below));
    auto prepared = prepare_on(world, view, options, planner, validated);
    if (!in_part || (prepared && !renames(prepared->plan))) return prepared;
    // What is wrong, and what a part does not tell, is for those to say who see the whole.
    validated = {};
    TRY_ASSIGN(const auto whole, SiteView::open(world));
    return prepare_on(world, whole, options, planner, validated);
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

Result<Report> try_change(const World& world, const ChangeOptions& options, const Planner& planner) {
    Validated validated;
    TRY_ASSIGN(auto prepared, prepare(world, options, planner, {}, validated));
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
    report_withheld(prepared, report);
    return report;
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
    TRY_ASSIGN(const auto state_there, find_stamp(world.paths.state));
    if (!state_there) { // before anything asks it for names that were deleted
        TRY_ASSIGN(const auto view, SiteView::open(world));
        TRY_ASSIGN(auto recalled, recall_lost_state(view));
        append(finished.notes, std::move(recalled));
    }
    Validated validated;
    TRY_ASSIGN(auto prepared, prepare(world, options, planner, about, validated));
    Report report = std::move(prepared.plan.report);
    if (prepared.empty()) {
        report = nothing_to_change(std::move(report));
    } else {
        if (!prepared.moves.empty()) {
            TRY_ASSIGN(const auto view, SiteView::open(world));
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
        report.notes.push_back("hint: 'mailctl apply' moves it as soon as that can be");
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
