// SPDX-License-Identifier: Apache-2.0
// Candidates that got no mail for long: the mail held for each and its row of the state go together, under one lock.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/mail/candidate_counts.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailctl {

namespace {

// nullopt: it got mail since it was listed; asked under the lock.
Result<std::optional<std::size_t>> expire(const MailStore& store, State& state, const Address& name, Instant before,
                                          LockPatience& patience) {
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, name.domain, HeldLock::Kind::alone, patience));
    TRY_ASSIGN(const auto known, find_candidate(state, name));
    if (!known || known->last >= before) return std::nullopt;
    TRY_ASSIGN(const auto dropped, drop_held(store, HeldFor::candidate, name));
    TRY(forget_candidate_before(state, name, before));
    return std::optional(dropped);
}

// For each its number of messages, "" for one that stays.
Result<Words> expire_all(const SiteView& view, const std::vector<Address>& names, Instant before) {
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        State state = state_of_mail_user(view);
        Words dropped;
        LockPatience patience(bounds::held_work_patience);
        for (const auto& name : names) {
            TRY_ASSIGN(const auto count, expire(store, state, name, before, patience));
            dropped.push_back(count ? how_many(*count, "message") : "");
        }
        return dropped;
    });
}

Result<std::vector<Address>> old_candidates(const SiteView& view, Instant before, std::vector<std::string>& notes) {
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(auto old, candidates_before(state, before));
    tell_skipped(state, notes);
    return old;
}

Report report_expired(Report report, const Address& name, std::string_view done, std::string note) {
    report.rows.push_back({{"address", name.display()}, {"done", std::string(done)}});
    report.notes.push_back(std::move(note));
    return report;
}

// What was set aside when candidates were banished is kept as long as a candidate's mail is.
std::vector<DomainName> domains_with_set_aside(const SiteView& view, const std::vector<DomainName>& domains) {
    std::vector<DomainName> found;
    std::ranges::copy_if(domains, std::back_inserter(found), [&](const DomainName& domain) {
        return has_mail_place(view, held_area(HeldFor::banished, domain));
    });
    return found;
}

Status drop_set_aside(const MailStore& store, const DomainName& domain, Instant before, bool dry_run, Words& dropped) {
    TRY_ASSIGN(const auto names, held_names(store, HeldFor::banished, domain));
    for (const auto& name : names) {
        TRY_ASSIGN(const auto since, held_since(store, HeldFor::banished, name));
        if (!since || *since >= before) continue;
        TRY_ASSIGN(const auto held, count_held(store, HeldFor::banished, name));
        if (!dry_run) {
            TRY(drop_held(store, HeldFor::banished, name));
        }
        dropped.push_back(
            fmt::format("{} set aside for banished '{}'", how_many(held.messages, "message"), name.display()));
    }
    return {};
}

// A line for each name whose mail is gone, or would be.
Result<Words> expire_set_aside(const SiteView& view, Instant before, bool dry_run) {
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    const auto domains = domains_with_set_aside(view, names);
    if (domains.empty()) return Words{};
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Words dropped;
        LockPatience patience(bounds::held_work_patience);
        for (const auto& domain : domains) {
            TRY_ASSIGN(const auto lock,
                       HeldLock::acquire(store, HeldFor::candidate, domain, HeldLock::Kind::alone, patience));
            TRY(drop_set_aside(store, domain, before, dry_run, dropped));
        }
        return dropped;
    });
}

// What is older than the site keeps it goes as the site says. Earlier is a wish of the caller's, and asked about.
Status agree_to_expire(const SiteView& view, const std::optional<Age>& older_than, std::size_t candidates,
                       const ChangeOptions& options) {
    if (candidates == 0 || !older_than || *older_than >= view.site().candidates.keep) return {};
    if (options.accept_losses || options.dry_run) return {};
    const auto sentence = fmt::format(
        "{} would go with the mail held for {}, before the {} of candidates.keep are over",
        how_many(candidates, "candidate"), candidates == 1 ? "it" : "them", format_age(view.site().candidates.keep));
    TRY_ASSIGN(const bool agreed, options.ask ? options.ask(sentence + ": do that?") : Result<bool>(false));
    if (!agreed) return fail(ErrorKind::conflict, sentence, "if that is meant, give --yes; -n shows them");
    return {};
}

Report report_all(Report report, const std::vector<Address>& old, const Words& dropped, const ChangeOptions& options) {
    for (std::size_t i = 0; i < old.size(); ++i) {
        const auto name = old[i].display();
        if (options.dry_run)
            report = report_expired(std::move(report), old[i], "would expire",
                                    fmt::format("candidate '{}' would expire", name));
        else if (i < dropped.size() && !dropped[i].empty())
            report = report_expired(std::move(report), old[i], "expired",
                                    fmt::format("expired candidate '{}' and {}", name, dropped[i]));
    }
    return report;
}

} // namespace

Result<Report> expire_candidates(const World& world, std::optional<Age> older_than, const ChangeOptions& options) {
    Report report = report_of("candidate", Layout::text);
    TRY_ASSIGN(const auto exists, find_stamp(world.paths.site_file));
    std::optional<Lock> lock;
    if (exists && !options.dry_run) {
        TRY_ASSIGN(lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
        TRY_ASSIGN(auto finished, finish_pending(world));
        report.notes = std::move(finished.notes);
    }
    TRY_ASSIGN(const auto view, SiteView::open(world));
    if (lock) {
        TRY(recount_candidates(world, view, report.notes));
    }
    const Instant before = world.clock() - older_than.value_or(view.site().candidates.keep);
    TRY_ASSIGN(const auto old, old_candidates(view, before, report.notes));
    TRY(agree_to_expire(view, older_than, old.size(), options));
    Words dropped;
    if (!options.dry_run && !old.empty()) {
        TRY_ASSIGN(dropped, expire_all(view, old, before));
    }
    report = report_all(std::move(report), old, dropped, options);
    TRY_ASSIGN(const auto set_aside, expire_set_aside(view, before, options.dry_run));
    for (const auto& line : set_aside)
        report.notes.push_back((options.dry_run ? "would remove " : "removed ") + line);
    if (report.rows.empty() && set_aside.empty()) report.notes.emplace_back("nothing to change");
    return report;
}

} // namespace mailctl
