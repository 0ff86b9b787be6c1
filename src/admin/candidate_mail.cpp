// What becomes of held mail, decided here and done as the mail user, rows of the state with it, for both must be under
// one lock. The agent names a message only under the shared lock and while the directory is the one it
// decided by; here the directory has changed before, and the lock is held alone: none is left behind.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/admin/finish.hpp"
#include "mailctl/admin/site_mail.hpp"
#include "mailctl/admin/site_state.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailctl {

namespace {

constexpr std::chrono::seconds patience{30}; // a delivery holds the lock for as long as naming a file takes

std::string message_count(std::uint64_t count) { return fmt::format("{} message{}", count, count == 1 ? "" : "s"); }

struct Decided { // what becomes of one candidate
    Address name;
    std::optional<Address> mailbox; // absent: dropped
};

std::vector<Decided> decide(const Domain& domain, const std::vector<Address>& names) {
    if (names.empty()) return {};
    const auto entries = name_entries(domain);
    const auto banished = banished_entries(domain);
    std::vector<Decided> decided;
    for (const auto& name : names) {
        const auto entry = entries.find(name.local.key());
        const auto* mailbox = entry == entries.end() ? nullptr : std::get_if<MailboxEntry>(&entry->second);
        if (mailbox)
            decided.push_back({name, address_in(domain, mailbox->mailbox)});
        else if (entry == entries.end() && banished.contains(name.local.key()))
            decided.push_back({name, {}});
    }
    return decided;
}

// The record goes first: whoever finds the directory without it, after a crash, knows what is to be done.
Status settle(const MailStore& store, State& state, const Decided& one, std::vector<std::string>& notes) {
    const auto& name = one.name;
    TRY(forget_candidate(state, name));
    const auto count = one.mailbox ? release_held(store, HeldFor::candidate, name, *one.mailbox)
                                   : drop_held(store, HeldFor::candidate, name);
    if (!count) return fail(count.error().while_doing(fmt::format("cannot settle candidate '{}'", name.display())));
    if (one.mailbox)
        notes.push_back(fmt::format("moved {} held for '{}' to mailbox '{}'", message_count(*count), name.display(),
                                    one.mailbox->display()));
    else
        notes.push_back(fmt::format("dropped {} held for '{}'", message_count(*count), name.display()));
    return {};
}

// nullopt: it got mail since it was listed; asked under the lock.
Result<std::optional<std::size_t>> expire(const MailStore& store, State& state, const Address& name, Instant before) {
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
        for (const auto& name : names) {
            TRY_ASSIGN(const auto count, expire(store, state, name, before));
            dropped.push_back(count ? message_count(*count) : "");
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

namespace {

Result<Words> settle_under_lock(const SiteView& view, const MailStore& store, const Domain& domain) {
    Words notes;
    TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, domain.name));
    const auto decided = decide(domain, names);
    if (decided.empty()) return notes;
    State state = state_of_mail_user(view);
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, domain.name, HeldLock::Kind::alone, patience));
    for (const auto& one : decided) {
        TRY(settle(store, state, one, notes));
    }
    return notes;
}

} // namespace

Status settle_candidates(const SiteView& view, std::span<const Domain* const> domains,
                         std::vector<std::string>& notes) {
    std::vector<const Domain*> holding; // nearly always none, and then nobody need become another
    std::ranges::copy_if(domains, std::back_inserter(holding), [&](const Domain* domain) {
        return has_mail_place(view, held_area(HeldFor::candidate, domain->name));
    });
    if (holding.empty()) return {};
    TRY(prepare_state(view));
    TRY_ASSIGN(const auto said, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words all;
                   for (const auto* domain : holding) {
                       TRY_ASSIGN(const auto some, settle_under_lock(view, store, *domain));
                       all.insert(all.end(), some.begin(), some.end());
                   }
                   return all;
               }));
    notes.insert(notes.end(), said.begin(), said.end());
    return {};
}

Status settle_all_candidates(const SiteView& view, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    std::vector<Domain> domains;
    for (const auto& name : names) {
        if (!has_mail_place(view, held_area(HeldFor::candidate, name))) continue;
        TRY_ASSIGN(auto domain, view.find_applied_domain(name));
        if (domain) domains.push_back(std::move(*domain));
    }
    std::vector<const Domain*> pointers;
    for (const auto& domain : domains)
        pointers.push_back(&domain);
    return settle_candidates(view, pointers, notes);
}

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
