// SPDX-License-Identifier: Apache-2.0
// Plans become texts, texts are validated, and what edits by hand would take away is left out.
#include "preparing.hpp"

#include "mailctl/change/banished_accounts.hpp"
#include "mailctl/change/losses.hpp"
#include "mailctl/change/mail/claimed_mail.hpp"
#include "mailctl/change/mail/places.hpp"
#include "mailctl/change/mail/unmoved_mail.hpp"
#include "source_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

void append_notes(std::vector<std::string>& notes, const std::vector<std::string>& more) {
    notes.insert(notes.end(), more.begin(), more.end());
}

// The plan of a whole site is let go as its texts come to be.
Result<std::vector<Draft>> make_drafts(const SiteView& view, std::map<SourceFile, FileAction> files) {
    std::vector<Draft> drafts;
    while (!files.empty()) {
        auto planned = files.extract(files.begin());
        TRY_ASSIGN(auto draft, Draft::make(view, planned.key(), std::move(planned.mapped())));
        if (draft) drafts.push_back(std::move(*draft));
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

// An edit by hand waits as long as mail that could not be moved keeps a name it gives away (see unmoved_mail).
Status withhold_owed(const SiteView& view, const Validated& known, Prepared& prepared) {
    if (!prepared.plan.hand_edits) return {};
    TRY_ASSIGN(const auto owed, OwedNames::load(view));
    if (owed.empty()) return {};
    std::erase_if(prepared.drafts, [&](const Draft& draft) {
        const auto after = draft.file.domain ? known.domains.find(*draft.file.domain) : known.domains.end();
        if (after == known.domains.end()) return false;
        const auto& before = known.before.at(after->first);
        MailMoves moves;
        moves.compare(after->first, before ? &*before : nullptr, after->second ? &*after->second : nullptr);
        const auto checked = owed.check(moves, prepared.plan.reverts);
        if (checked) return false;
        const auto& problem = checked.error();
        prepared.withheld.push_back(
            fmt::format("not applied: '{}': {}: {}", draft.file.path(view.paths()), problem.what, problem.hint));
        return true;
    });
    return {};
}

// The drafts that are left may become the site. Withholding comes first where they may not: a file that is gone is
// rather that than a reason to refuse all others.
Status validate_prepared(const World& world, const SiteView& view, const ChangeOptions& options, Prepared& prepared,
                         Validated& validated) {
    const auto limits = prepared.plan.were_judged ? Limits::were_judged
                        : prepared.plan.reverts   ? Limits::are_lifted
                                                  : Limits::hold;
    auto whole = validate_drafts(world, view, prepared.drafts, limits);
    if (!whole && !prepared.plan.hand_edits) return fail(std::move(whole).error());
    TRY(withhold_losses(view, options, whole ? *whole : Validated{}, prepared));
    TRY(withhold_owed(view, whole ? *whole : Validated{}, prepared));
    if (!prepared.withheld.empty()) whole = validate_drafts(world, view, prepared.drafts, limits);
    if (!whole) return fail(std::move(whole).error());
    validated = std::move(*whole);
    return {};
}

// Banished patterns over accounts, and names for which mail is held: said, and carried out only if that is meant.
Status agree_to_banish(const SiteView& view, const ChangeOptions& options, const Validated& validated,
                       Prepared& prepared) {
    std::vector<std::string> sentences;
    if (prepared.plan.were_judged) return {}; // where they were made
    for (const auto& [name, domain] : validated.domains) {
        if (!domain) continue;
        const auto& known = validated.before.at(name);
        const Domain* before = known ? &*known : nullptr;
        append_notes(sentences, newly_banished(before, *domain));
        TRY_ASSIGN(const auto held, held_for_newly_banished(view, before, *domain));
        append_notes(sentences, held);
    }
    constexpr std::string_view remedy = "if that is meant, give --yes";
    for (const auto& sentence : sentences) {
        if (options.accept_losses) {
            prepared.plan.report.notes.push_back("warning: " + sentence);
        } else if (options.dry_run) {
            prepared.withheld.push_back(fmt::format("not as it is: {}: {}", sentence, remedy));
        } else {
            TRY_ASSIGN(const bool agreed, options.ask ? options.ask(sentence + ": do that?") : Result<bool>(false));
            if (!agreed) return fail(ErrorKind::conflict, sentence, std::string(remedy));
        }
    }
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
    for (const auto& draft : prepared.drafts)
        if (draft.file.domain) prepared.domains.insert(*draft.file.domain);
    if (prepared.drafts.empty()) prepared.plan.mail = giving_back(std::move(prepared.plan.mail));
    if (prepared.empty()) return prepared;
    TRY(validate_prepared(world, view, options, prepared, validated));
    TRY(agree_to_banish(view, options, validated, prepared));
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
    TRY(draw_source_addresses(view, validated, prepared.drafts));
    if (!touches_site) {
        TRY(note_unapplied_site(view, prepared.plan));
    }
    append_notes(prepared.plan.report.notes, validated.notes);
    if (prepared.plan.name_unused_keys) append_notes(prepared.plan.report.notes, validated.unused_keys);
    return prepared;
}

} // namespace

// All that is decided before anything is written. The view ends here: LMDB is not open twice in one process.
Result<Prepared> prepare_change(const World& world, const ChangeOptions& options, const Planner& planner,
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

} // namespace mailctl
