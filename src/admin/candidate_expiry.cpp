// SPDX-License-Identifier: Apache-2.0
// Candidates that got no mail for long: the mail held for each and its row of the state go together, under one lock.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/candidate_counts.hpp"
#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/look_ups.hpp"
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
    Words dropped;
    if (!options.dry_run && !old.empty()) {
        TRY_ASSIGN(dropped, expire_all(view, old, before));
    }
    for (std::size_t i = 0; i < old.size(); ++i) {
        const auto name = old[i].display();
        if (options.dry_run)
            report = report_expired(std::move(report), old[i], "would expire",
                                    fmt::format("candidate '{}' would expire", name));
        else if (i < dropped.size() && !dropped[i].empty())
            report = report_expired(std::move(report), old[i], "expired",
                                    fmt::format("expired candidate '{}' and {}", name, dropped[i]));
    }
    if (report.rows.empty()) report.notes.emplace_back("nothing to change");
    return report;
}

} // namespace mailctl
