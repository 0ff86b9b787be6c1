// SPDX-License-Identifier: Apache-2.0
// A step says what it did and what needs a person; an error of one is told and the next one begins.
#include "mailctl/admin/care/housekeeping.hpp"

#include "dns_memory.hpp"
#include "mailctl/admin/candidates.hpp"
#include "mailctl/admin/care/dkim.hpp"
#include "mailctl/admin/care/dns_check.hpp"
#include "mailctl/admin/care/track.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/kept_mail.hpp"
#include "mailctl/exchange/dns/check.hpp"
#include "mailctl/maildir/stale_files.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/track.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

struct StepOutcome {
    Words done, problems;
};
using Step = Result<StepOutcome> (*)(const World&, const ChangeOptions&);

// Its last notes are those of its rows; before them it says what it found amiss.
Result<StepOutcome> expire_old_candidates(const World& world, const ChangeOptions& options) {
    TRY_ASSIGN(auto report, expire_candidates(world, std::nullopt, options));
    StepOutcome outcome;
    if (report.rows.empty()) std::erase(report.notes, "nothing to change");
    const auto begin = report.notes.end() - static_cast<std::ptrdiff_t>(report.rows.size());
    outcome.problems.assign(report.notes.begin(), begin);
    outcome.done.assign(begin, report.notes.end());
    return outcome;
}

Result<StepOutcome> settle_mail_that_waits(const World& world, const ChangeOptions& options) {
    TRY_ASSIGN(auto settled, settle_kept_mail(world, options));
    return StepOutcome{std::move(settled.done), std::move(settled.unfinished)};
}

// The count comes first, then the places.
Result<StepOutcome> sweep_tmp(const World& world, const ChangeOptions& options) {
    if (options.dry_run) return StepOutcome{};
    TRY_ASSIGN(const auto view, SiteView::open(world));
    const auto now = world.clock();
    TRY_ASSIGN(auto words, work_on_mail(view, [now](const MailStore& store) -> Result<Words> {
                   TRY_ASSIGN(auto stale, remove_all_stale_files(store, now));
                   Words told{stale.number == 0 ? "" : how_many(stale.number, "file")};
                   told.insert(told.end(), stale.unseen.begin(), stale.unseen.end());
                   return told;
               }));
    StepOutcome outcome;
    if (words.empty()) return outcome;
    if (!words.front().empty())
        outcome.done.push_back(fmt::format("removed {} older than 36 hours from tmp", words.front()));
    for (auto place = words.begin() + 1; place != words.end(); ++place)
        outcome.problems.push_back(fmt::format("'{}' below the mail root cannot be looked into", printable(*place)));
    return outcome;
}

// Where no log was ever read and none is there, tracking is not used.
Result<StepOutcome> update_tracking(const World& world, const ChangeOptions& options) {
    StepOutcome outcome;
    if (options.dry_run) return outcome;
    const auto report = update_track(world, {});
    if (!report) {
        TRY_ASSIGN(const auto in_use, find_stamp(world.paths.track));
        if (!in_use && report.error().kind != ErrorKind::temporary) return outcome;
        return fail(report.error());
    }
    for (const auto& row : report->rows)
        if (const auto* problem = std::get_if<std::string>(&row.back().value))
            outcome.problems.push_back(*problem); // it names the log
    return outcome;
}

std::string text_in(const Cells& row, std::string_view key) {
    const auto cell = std::ranges::find(row, key, &Cell::key);
    const auto* text = cell == row.end() ? nullptr : std::get_if<std::string>(&cell->value);
    return text ? *text : std::string();
}

bool is_required(const Cells& row) {
    const auto cell = std::ranges::find(row, "required", &Cell::key);
    const auto* required = cell == row.end() ? nullptr : std::get_if<bool>(&cell->value);
    return required && *required;
}

// Once an hour: a round asks many servers, and sooner none would count (dns.alarm_after). Timers come a little early.
bool is_dns_round_due(const World& world, const SiteView& view) {
    constexpr std::chrono::minutes between{55};
    const auto exists = find_stamp(view.paths().state);
    if (!exists || !*exists) return true;
    auto state = state_to_read(view);
    const auto last = dns_domain_of(state, dns_key_of_hosts(view.site()));
    const auto now = world.clock();
    return !last || !last->counted || now < *last->counted || now - *last->counted >= between;
}

// What was told in a round before is not told again.
Result<StepOutcome> look_at_dns(const World& world, const ChangeOptions& options) {
    StepOutcome outcome;
    if (options.dry_run) return outcome;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    if (!is_dns_round_due(world, view)) return outcome;
    DnsCheckOptions news;
    news.changes_only = true;
    TRY_ASSIGN(const auto report, check_dns(world, {}, news));
    for (const auto& row : report.rows) {
        const auto word = text_in(row, "state");
        const auto state = parse_dns_state(word);
        if (!state || !is_bad(*state) || !is_required(row)) continue;
        outcome.problems.push_back(fmt::format("'{}': {} of '{}' is {}: {}", text_in(row, "domain"),
                                               text_in(row, "rrtype"), text_in(row, "name"), word,
                                               text_in(row, "hint")));
    }
    return outcome;
}

// After the DNS was looked at, for what was seen there decides. What a new, a revoked and a deleted key want changed in
// the zone is for whoever has the zone.
Result<StepOutcome> rotate_signing_keys(const World& world, const ChangeOptions& options) {
    StepOutcome outcome;
    if (options.dry_run) return outcome;
    TRY_ASSIGN(const auto report, rotate_keys(world, {}, options));
    auto from = report.notes.begin(); // each row has its note, in the same order
    for (const auto& row : report.rows) {
        const auto begin = fmt::format("{} selector '{}' of '{}'", text_in(row, "done"), text_in(row, "selector"),
                                       text_in(row, "domain"));
        const auto note =
            std::find_if(from, report.notes.end(), [&](const std::string& each) { return each.starts_with(begin); });
        if (note != report.notes.end()) from = std::next(note);
        const auto state = text_in(row, "state");
        const bool is_signing =
            state == state_name(SelectorState::active) || state == state_name(SelectorState::retiring);
        (is_signing ? outcome.done : outcome.problems).push_back(note == report.notes.end() ? begin : *note);
    }
    for (const auto& note : report.notes)
        if (note.starts_with("left out: ")) outcome.problems.push_back(note);
    return outcome;
}

struct NamedStep {
    std::string_view name, doing;
    Step run;
};
constexpr auto housekeeping_steps = std::to_array<NamedStep>({
    {"kept-mail", "cannot settle kept mail", settle_mail_that_waits}, // also what an unfinished change left
    {"candidates", "cannot expire candidates", expire_old_candidates},
    {"tmp", "cannot clean tmp", sweep_tmp},
    {"track", "cannot read the logs", update_tracking},
    {"dns", "cannot look at the DNS", look_at_dns},
    {"dkim", "cannot rotate keys", rotate_signing_keys},
});

StepOutcome carry_out(const NamedStep& step, const World& world, const ChangeOptions& options) {
    auto outcome = step.run(world, options);
    if (outcome) return std::move(*outcome);
    const auto error = outcome.error().while_doing(step.doing);
    return {{}, {error.hint.empty() ? error.what : error.what + "; hint: " + error.hint}};
}

} // namespace

Result<Report> keep_house(const World& world, const Housekeeping& request) {
    TRY(SiteView::open(world));
    Report report{.type = "housekeeping", .layout = Layout::text, .rows = {}, .text = {}, .notes = {}};
    for (const auto& step : housekeeping_steps) {
        const auto outcome = carry_out(step, world, request.options);
        if (request.tells_everything || request.options.dry_run)
            report.notes.insert(report.notes.end(), outcome.done.begin(), outcome.done.end());
        report.notes.insert(report.notes.end(), outcome.problems.begin(), outcome.problems.end());
        if (!outcome.problems.empty()) report.status = exit_code(ErrorKind::partial);
        report.rows.push_back({{.key = "id", .value = std::string(step.name)},
                               {.key = "done", .value = outcome.done},
                               {.key = "problems", .value = outcome.problems}});
    }
    return report;
}

} // namespace mailctl
