#include "mailctl/admin/suspended_mail.hpp"

#include "mailctl/admin/site_mail.hpp"
#include "mailctl/maildir/held_mail.hpp"

#include <fmt/format.h>

#include <set>

namespace mailctl {

namespace {

constexpr std::chrono::seconds lock_patience{30}; // a delivery holds the lock for as long as naming a file takes

} // namespace

Status release_suspended(const MailStore& store, const Address& mailbox, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto held, find_held(store, HeldFor::suspended, mailbox));
    if (!held) return {};
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::suspended, mailbox.domain, HeldLock::Kind::alone, lock_patience));
    TRY_ASSIGN(const auto count, release_held(store, HeldFor::suspended, mailbox, mailbox));
    if (count > 0)
        notes.push_back(
            fmt::format("released {} held message{} into '{}'", count, count == 1 ? "" : "s", mailbox.display()));
    return {};
}

// Locks of two domains in the order of their names: two renames that cross must not wait for one another.
Status rename_suspended(const MailStore& store, const Address& from, const Address& to) {
    TRY_ASSIGN(const auto held, find_held(store, HeldFor::suspended, from));
    if (!held) return {};
    std::vector<HeldLock> locks;
    for (const auto& domain : std::set<DomainName>{from.domain, to.domain}) {
        TRY_ASSIGN(auto lock,
                   HeldLock::acquire(store, HeldFor::suspended, domain, HeldLock::Kind::alone, lock_patience));
        locks.push_back(std::move(lock));
    }
    return rename_held(store, HeldFor::suspended, from, to);
}

Result<std::vector<std::string>> release_held_mail(const World& world, const SiteView& view) {
    std::vector<std::string> notes;
    TRY_ASSIGN(const auto mounted, find_stamp(view.paths().mail));
    if (!mounted) return notes; // nothing can be held there
    TRY_ASSIGN(const auto store, open_store(view));
    const Date today = day_in_zone(world.clock(), view.site().time_zone);
    TRY_ASSIGN(const auto names, view.applied_domain_names());
    for (const auto& name : names) {
        TRY_ASSIGN(const auto held, held_names(store, HeldFor::suspended, name));
        if (held.empty()) continue;
        TRY_ASSIGN(const auto domain, view.find_applied_domain(name));
        if (!domain) continue;
        for (const auto& address : held) {
            const auto mailbox = domain->mailboxes.find(address.local.text());
            if (mailbox == domain->mailboxes.end()) continue;
            if (holds_mail(mailbox->second) && in_force(*mailbox->second.suspend, today)) continue;
            TRY(release_suspended(store, address, notes));
        }
    }
    return notes;
}

} // namespace mailctl
