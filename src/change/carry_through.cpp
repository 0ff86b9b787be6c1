// SPDX-License-Identifier: Apache-2.0
// The steps after the commit point, in an order that lets each be repeated: a Maildir for a new mailbox before the
// agent can know of it, an old one out of the way after the agent has forgotten it.
#include "mailctl/change/carry_through.hpp"

#include "imap_sessions.hpp"
#include "mailctl/change/key_changes.hpp"
#include "mailctl/change/mail/candidate_counts.hpp"
#include "mailctl/change/mail/claimed_mail.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/mail/suspended_mail.hpp"
#include "mailctl/change/mail/unmoved_mail.hpp"
#include "mailctl/change/maps/files.hpp"
#include "mailctl/change/maps/key_files.hpp"
#include "mailctl/change/maps/ledger.hpp"
#include "mailctl/change/maps/maps_of_change.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/staged_files.hpp"
#include "mailctl/site/lost_state.hpp"
#include "mailctl/site/site_state.hpp"
#include "source_texts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// What was published and lies there still.
Result<std::optional<TextChange>> find_published(const Paths& paths, const SourceFile& file, KnownChange& known) {
    const auto published = file.domain ? known.published.find(*file.domain) : known.published.end();
    if (published == known.published.end()) return std::nullopt;
    TRY_ASSIGN(const auto stamp, find_stamp(file.path(paths)));
    if (stamp != published->second.stamp) return std::nullopt;
    return TextChange{std::nullopt, std::move(published->second.text)}; // its models are known
}

// The file becomes what the record says. A hand edit made since the commit stays on disk and waits for `apply`.
Result<TextChange> finish_file(const Paths& paths, const HistoryRecord& record, const SourceFile& file,
                               std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto stamp, find_stamp(file.path(paths)));
    TRY_ASSIGN(const auto found, find_file(file.path(paths)));
    TRY_ASSIGN(auto texts, text_change(record, file, found));
    bool installed = texts && found == texts->after;
    if (texts && !installed) {
        TRY_ASSIGN(installed, install_text(paths, file, stamp, texts->after));
    }
    if (installed) return std::move(*texts);
    notes.push_back(fmt::format("'{}' was edited by hand meanwhile: see 'mailctl apply'", file.path(paths)));
    if (texts) return std::move(*texts);
    TRY_ASSIGN(auto applied, find_file(file.applied_path(paths)));
    TRY_ASSIGN(texts, text_change(record, file, applied));
    if (texts) return std::move(*texts);
    // What the change began with is nowhere any more: it does nothing to this file, and what lies there waits for
    // `apply`.
    return TextChange{applied, applied};
}

// The texts that will have been applied. Until the record is done readers take them from it, so they may be in place
// before anything is made from them.
class AppliedTexts {
  public:
    AppliedTexts(const Paths& paths, std::size_t files) : paths_(paths), staged_(files) {}

    Status stage(const SourceFile& file, const SourceText& text) {
        const std::string path = file.applied_path(paths_);
        TRY(make_directories(parent_of(path), 0700));
        if (text) return staged_.stage(path, *text, FileMode{0600, std::nullopt});
        removed_.push_back(path);
        return {};
    }
    Status publish() {
        TRY(staged_.flush());
        TRY(staged_.publish());
        for (const auto& path : removed_) {
            TRY(remove_file(path));
        }
        return removed_.empty() ? Status{} : sync_directory(parent_of(removed_.front())); // all are domains
    }

  private:
    const Paths& paths_;
    StagedFiles staged_;
    std::vector<std::string> removed_;
};

struct Change { // one record on its way through
    const SiteView& view;
    const HistoryRecord& record;
    const std::vector<SourceFile>& files;
    KnownDomains models;
    MailMoves moves;
    std::unique_ptr<DirectorySnapshot> before, after; // null: not the compiled state that maps were made from
    std::optional<std::string> ledger;
};

// A text that does not validate under the site's rules (any more) has no model.
void find_models(const SiteView& view, const SourceFile& file, const TextChange& texts, KnownDomains& models) {
    if (!file.domain) return;
    const auto find = [&](const SourceText& text, ChangedDomains& known) {
        if (known.contains(*file.domain)) return;
        if (auto model = model_of(view, *file.domain, text)) known.emplace(*file.domain, std::move(*model));
    };
    find(texts.before, models.before);
    find(texts.after, models.after);
}

Status find_moves(Change& change) {
    for (const auto& [name, after] : change.models.after) {
        const auto before = change.models.before.find(name);
        if (before == change.models.before.end()) continue; // it says nothing about mailboxes: no mail is moved
        change.moves.compare(name, before->second ? &*before->second : nullptr, after ? &*after : nullptr);
    }
    return change.moves.follow(change.record.mail);
}

// Mail for mailboxes that get another name waits until their Maildirs have moved: whoever asks from now on is told to
// come back.
Status hold_up_renamed(const Change& change, Directory& directory, std::uint64_t generation) {
    TRY_ASSIGN(const bool unreadable, directory.needs_full_compile(change.view.site()));
    if (unreadable) return {}; // the agent waits anyway
    std::map<DomainName, Domain> waiting;
    for (const auto& [from, to] : change.moves.renamed) {
        const auto domain = change.models.before.find(from.domain);
        if (domain == change.models.before.end() || !domain->second) continue;
        auto& copy = waiting.try_emplace(from.domain, *domain->second).first->second;
        const auto mailbox = copy.mailboxes.find(from.local.key());
        if (mailbox != copy.mailboxes.end())
            mailbox->second.suspend = Suspension{false, SuspendedReceive::defer, "it is being renamed", {}};
    }
    std::vector<DomainChange> changes;
    for (auto& [name, domain] : waiting)
        changes.push_back({name, std::move(domain), {}});
    return directory.update(change.view.site(), changes, generation);
}

// Held mail of names that somebody claims by now. Where the mail root is not there it waits for `mailctl apply`, unless
// the change needed it and was refused.
Status settle_all(const Change& change, std::vector<std::string>& notes) {
    std::vector<const Domain*> domains;
    for (const auto& [name, domain] : change.models.after)
        if (domain) domains.push_back(&*domain);
    return settle_candidates(change.view, domains, notes);
}

Result<std::unique_ptr<DirectorySnapshot>> snapshot_of(const Directory& directory, const Site& site) {
    TRY_ASSIGN(const bool unreadable, directory.needs_full_compile(site));
    if (unreadable) return std::unique_ptr<DirectorySnapshot>();
    return directory.snapshot();
}

// What stopped the change, which is no more then. Once the directory has its generation mail may have arrived in new
// mailboxes, and there is no way back.
Result<std::optional<Error>> make_room_or_take_back(const Change& change, const std::set<SourceFile>& written,
                                                    bool is_new, MoveReport& report) {
    if (change.moves.created.empty()) return std::nullopt;
    if (!is_new) {
        TRY_ASSIGN(const auto directory, open_compiled(change.view));
        TRY_ASSIGN(const auto reached, generation_of(directory, change.view.site()));
        if (reached >= change.record.id) return std::nullopt;
    }
    auto made = make_room_for_new(change.view, change.record, change.moves, report);
    if (made) return std::nullopt;
    TRY(take_back(change.view.paths(), change.record, written));
    return std::move(made).error();
}

// Directory and Maildirs. A directory of this generation has been through the first half already, and mail may have
// arrived.
Status switch_over(Change& change, bool is_new, MoveReport& report) {
    const auto& view = change.view;
    const auto& record = change.record;
    TRY_ASSIGN(auto directory, open_compiled(view));
    TRY_ASSIGN(const auto reached, generation_of(directory, view.site()));
    TRY_ASSIGN(change.ledger, take_ledger(view.paths()));
    if (reached < record.id) {
        if (is_new) {
            TRY_ASSIGN(change.before, snapshot_of(directory, view.site()));
        }
        if (!change.moves.renamed.empty()) {
            TRY(hold_up_renamed(change, directory, reached));
            if (auto renamed = rename_maildirs(view, record, change.moves, report); !renamed) {
                TRY(owe_mail(view, record, change.moves, Owed::renames, renamed.error(), report));
            }
        }
        if (auto prepared = prepare_maildirs(view, record, change.moves, report); !prepared) {
            TRY(owe_mail(view, record, change.moves, Owed::before_compiling, prepared.error(), report));
        }
        std::set<DomainName> names;
        for (const auto& file : change.files) {
            if (!file.domain) continue;
            names.insert(*file.domain);
            if (auto known = digest_after(record, file)) change.models.digests.emplace(*file.domain, std::move(*known));
        }
        TRY(compile(view, directory, std::move(names), record.id, change.models));
        TRY_ASSIGN(change.after, snapshot_of(directory, view.site()));
    }
    if (auto retired = retire_maildirs(view, record, change.moves, report); !retired) {
        TRY(owe_mail(view, record, change.moves, Owed::after_compiling, retired.error(), report));
    }
    if (auto settled = settle_all(change, report.notes); !settled) report.unmoved = settled.error(); // `apply` does it
    return {};
}

Status rebuild_maps(const World& world, const Change& change, std::vector<std::string>& notes) {
    const bool changes_site = std::ranges::any_of(change.files, [](const auto& file) { return !file.domain; });
    return bring_into_maps({world, change.view, change.view.site(), changes_site, change.before.get(),
                            change.after.get(), change.models, change.ledger},
                           notes);
}

} // namespace

Result<Finished> finish_change(const World& world, std::shared_ptr<const HistoryRecord> pending,
                               std::optional<KnownChange> known) {
    Finished finished;
    const HistoryRecord& record = *pending;
    TRY_ASSIGN(const auto view, SiteView::open(world, pending));
    TRY_ASSIGN(const auto files, files_of(record));
    TRY(settle_selectors(view.paths()));
    const bool is_new = known.has_value();
    if (!known) known.emplace();
    Change change{view, record, files, std::move(known->models), {}, {}, {}, {}};
    AppliedTexts applied(view.paths(), files.size());
    for (const auto& file : files) {
        TRY_ASSIGN(auto texts, find_published(view.paths(), file, *known));
        if (!texts) {
            TRY_ASSIGN(texts, finish_file(view.paths(), record, file, finished.notes));
        }
        find_models(view, file, *texts, change.models);
        TRY(applied.stage(file, texts->after));
    }
    TRY(find_moves(change));
    MoveReport moved;
    TRY_ASSIGN(finished.taken_back, make_room_or_take_back(change, known->written, is_new, moved));
    if (finished.taken_back) return finished;
    TRY(applied.publish());
    TRY(switch_over(change, is_new, moved));
    finished.notes.insert(finished.notes.end(), moved.notes.begin(), moved.notes.end());
    finished.unpacked = std::move(moved.unpacked);
    finished.unmoved = std::move(moved.unmoved);
    // Maps that cannot be built are no reason to hold the change open: it is in force for the agent already.
    if (auto built = rebuild_maps(world, change, finished.notes); !built) finished.maps = built.error();
    const auto today = day_in_zone(world.clock(), view.site().time_zone);
    for (auto& note : end_imap_sessions(view.paths(), view.site(), ended_logins(change.models, today)))
        finished.notes.push_back(std::move(note));
    TRY(publish_pending(view.paths().history, record.id));
    return finished;
}

namespace {

// Texts that a writer had staged when it was killed before its commit point. They may hold password hashes.
Status forget_staged(const Paths& paths) {
    TRY(remove_staged(parent_of(paths.site_file), ".toml"));
    TRY(remove_staged(paths.domains, ".toml"));
    return remove_staged(paths.history, "pending");
}

// Before anything asks it for names that were deleted, or makes do without. Not every command needs it.
void recall_first(const World& world, std::vector<std::string>& notes) {
    const auto there = find_stamp(world.paths.state);
    if (there && *there) return;
    auto recalled = [&]() -> Result<std::vector<std::string>> {
        TRY_ASSIGN(const auto view, SiteView::open(world));
        return recall_lost_state(view);
    }();
    if (!recalled) recalled = std::vector{recalled.error().while_doing("what was lost is not remembered").what};
    notes.insert(notes.end(), recalled->begin(), recalled->end());
}

} // namespace

Result<Finished> finish_pending(const World& world) {
    TRY(forget_staged(world.paths));
    Finished nothing;
    recall_first(world, nothing.notes);
    TRY_ASSIGN(const auto unreadable, set_aside_unreadable(world.paths.history));
    if (unreadable)
        nothing.notes.push_back(
            fmt::format("the record of an unfinished change could not be read and is set aside as '{}': what it had "
                        "written already counts as edited by hand: see 'mailctl config check', then 'mailctl apply'",
                        *unreadable));
    TRY_ASSIGN(auto pending, find_pending(world.paths.history));
    if (!pending) {
        TRY(drop_staged_selectors(world.paths));
        return nothing;
    }
    const auto id = pending->id;
    auto finished = finish_change(world, std::make_shared<const HistoryRecord>(std::move(*pending)));
    if (!finished) return fail(finished.error().while_doing(fmt::format("cannot finish change {}", id)));
    finished->notes.insert(finished->notes.begin(), nothing.notes.begin(), nothing.notes.end());
    if (finished->unmoved)
        finished->notes.push_back(
            fmt::format("mail of change {} stays where it is: {}", id, std::exchange(finished->unmoved, {})->what));
    if (finished->taken_back) {
        nothing.notes.push_back(
            fmt::format("change {}, which had been interrupted, is not made: {}; what it had written already counts as "
                        "edited by hand: see 'mailctl apply'",
                        id, finished->taken_back->what));
        return nothing;
    }
    finished->notes.push_back(fmt::format("finished change {}, which had been interrupted", id));
    return finished;
}

Result<std::vector<std::string>> restore_compiled(const World& world, const ChangeOptions& options) {
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(auto directory, open_compiled(view));
    TRY_ASSIGN(auto stale, stale_domains(view, directory));
    TRY_ASSIGN(const bool everything, directory.needs_full_compile(view.site()));
    if (everything || !stale.empty()) {
        TRY(drop_ledger(view.paths()));
        TRY_ASSIGN(const auto generation, generation_of(directory, view.site()));
        TRY_ASSIGN(const auto next, next_record_id(view.paths().history));
        TRY(compile(view, directory, std::move(stale), std::max(generation, next - 1)));
        finished.notes.emplace_back("compiled the directory anew");
    }
    TRY_ASSIGN(const auto mended, mend_key_files(view));
    finished.notes.insert(finished.notes.end(), mended.begin(), mended.end());
    TRY_ASSIGN(const auto wanted, wanted_maps(view, world, view.site()));
    TRY_ASSIGN(const auto maps, install_maps(view.paths(), view.site(), wanted));
    for (const auto& name : maps)
        finished.notes.push_back(fmt::format("built '{}/{}'", view.paths().maps, name));
    TRY_ASSIGN(const auto recalled, recall_lost_state(view));
    finished.notes.insert(finished.notes.end(), recalled.begin(), recalled.end());
    TRY(prepare_state(view)); // the agent cannot make what is missing
    TRY(move_owed_mail(view, nullptr, finished.notes));
    TRY_ASSIGN(const auto released, release_held_mail(world, view));
    finished.notes.insert(finished.notes.end(), released.begin(), released.end());
    TRY_ASSIGN(const auto expired, expire_archives(world, view));
    finished.notes.insert(finished.notes.end(), expired.begin(), expired.end());
    TRY(settle_all_candidates(view, finished.notes));
    TRY(recount_candidates(world, view, finished.notes));
    return std::move(finished.notes);
}

} // namespace mailctl
