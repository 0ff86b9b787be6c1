// What becomes of held mail. The agent names a message only under the shared lock and while the directory is the one it
// decided by; here the directory has changed before, and the lock is held alone: none is left behind.
#include "mailctl/admin/candidates.hpp"

#include "mailctl/admin/finish.hpp"
#include "mailctl/admin/site_mail.hpp"
#include "mailctl/admin/site_state.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/store/candidates.hpp"

#include <fmt/format.h>

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

// Under the lock, for it may have got mail since it was listed.
Result<std::optional<std::size_t>> expire(const MailStore& store, State& state, const Address& name, Instant before) {
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, name.domain, HeldLock::Kind::alone, patience));
    TRY_ASSIGN(const auto known, find_candidate(state, name));
    if (!known || known->last >= before) return std::nullopt;
    TRY_ASSIGN(const auto dropped, drop_held(store, HeldFor::candidate, name));
    TRY(forget_candidate_before(state, name, before));
    return std::optional(dropped);
}

Report report_expired(Report report, const Address& name, std::string_view done, std::string note) {
    report.rows.push_back({{"address", name.display()}, {"done", std::string(done)}});
    report.notes.push_back(std::move(note));
    return report;
}

} // namespace

Status settle_candidates(const SiteView& view, const Domain& domain, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto store, open_store(view));
    TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, domain.name));
    const auto decided = decide(domain, names);
    if (decided.empty()) return {};
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, domain.name, HeldLock::Kind::alone, patience));
    for (const auto& one : decided) {
        TRY(settle(store, state, one, notes));
    }
    return {};
}

Status settle_all_candidates(const SiteView& view, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto mounted, find_stamp(view.paths().mail));
    if (!mounted) return {};
    TRY_ASSIGN(const auto store, open_store(view));
    TRY_ASSIGN(const auto domains, view.applied_domain_names());
    for (const auto& name : domains) {
        TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, name));
        if (names.empty()) continue;
        TRY_ASSIGN(const auto domain, view.find_applied_domain(name));
        if (domain) {
            TRY(settle_candidates(view, *domain, notes));
        }
    }
    return {};
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
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto old, candidates_before(state, before));
    TRY_ASSIGN(const auto store, open_store(view));
    for (const auto& name : old) {
        if (options.dry_run) {
            report = report_expired(std::move(report), name, "would expire",
                                    fmt::format("candidate '{}' would expire", name.display()));
            continue;
        }
        TRY_ASSIGN(const auto dropped, expire(store, state, name, before));
        if (dropped)
            report =
                report_expired(std::move(report), name, "expired",
                               fmt::format("expired candidate '{}' and {}", name.display(), message_count(*dropped)));
    }
    if (report.rows.empty()) report.notes.emplace_back("nothing to change");
    return report;
}

} // namespace mailctl
