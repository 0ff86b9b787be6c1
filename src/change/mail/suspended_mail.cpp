// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/mail/suspended_mail.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_mail.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace mailctl {

Status release_suspended(const MailStore& store, const Address& mailbox, LockPatience& patience,
                         std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto held, find_held(store, HeldFor::suspended, mailbox));
    if (!held) return {};
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::suspended, mailbox.domain, HeldLock::Kind::alone, patience));
    TRY_ASSIGN(const auto count, release_held(store, HeldFor::suspended, mailbox, mailbox));
    if (count > 0)
        notes.push_back(fmt::format("released {} into '{}'", how_many(count, "held message"), mailbox.display()));
    return {};
}

// Locks of two domains in the order of their names: two renames that cross must not wait for one another.
Status rename_suspended(const MailStore& store, const Address& from, const Address& to, LockPatience& patience) {
    TRY_ASSIGN(const auto held, find_held(store, HeldFor::suspended, from));
    if (!held) return {};
    std::vector<HeldLock> locks;
    for (const auto& domain : std::set<DomainName>{from.domain, to.domain}) {
        TRY_ASSIGN(auto lock, HeldLock::acquire(store, HeldFor::suspended, domain, HeldLock::Kind::alone, patience));
        locks.push_back(std::move(lock));
    }
    return rename_held(store, HeldFor::suspended, from, to);
}

namespace {

// Names of all domains, as the mail user finds them, each a word.
Result<Words> held_in(const SiteView& view, const std::vector<DomainName>& domains) {
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Words found;
        for (const auto& domain : domains) {
            TRY_ASSIGN(const auto names, held_names(store, HeldFor::suspended, domain));
            for (const auto& name : names)
                found.push_back(name.text());
        }
        return found;
    });
}

// Those whose mailbox is suspended no more.
Result<std::vector<Address>> released_ones(const SiteView& view, const Words& held, Date today) {
    std::vector<Address> released;
    std::map<DomainName, std::optional<Domain>> known;
    for (const auto& text : held) {
        auto address = Address::parse(text);
        if (!address) continue;
        auto domain = known.find(address->domain);
        if (domain == known.end()) {
            TRY_ASSIGN(auto applied, view.find_applied_domain(address->domain));
            domain = known.emplace(address->domain, std::move(applied)).first;
        }
        if (!domain->second) continue;
        const auto mailbox = domain->second->mailboxes.find(address->local.text());
        if (mailbox == domain->second->mailboxes.end()) continue;
        if (holds_mail(mailbox->second) && in_force(*mailbox->second.suspend, today)) continue;
        released.push_back(std::move(*address));
    }
    return released;
}

} // namespace

Result<std::vector<Address>> releasable_mail(const World& world, const SiteView& view) {
    TRY_ASSIGN(auto domains, view.applied_domain_names());
    std::erase_if(domains, [&](const DomainName& domain) {
        return !has_mail_place(view, held_area(HeldFor::suspended, domain));
    });
    if (domains.empty()) return std::vector<Address>{};
    TRY_ASSIGN(const auto held, held_in(view, domains));
    return released_ones(view, held, day_in_zone(world.clock(), view.site().time_zone));
}

Result<std::vector<std::string>> release_held_mail(const World& world, const SiteView& view) {
    TRY_ASSIGN(const auto released, releasable_mail(world, view));
    if (released.empty()) return std::vector<std::string>{};
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Words notes;
        LockPatience patience(bounds::held_work_patience);
        for (const auto& mailbox : released)
            if (auto done = release_suspended(store, mailbox, patience, notes);
                !done) // the mail of others does not wait for it
                notes.push_back(fmt::format("mail held for '{}' stays held: {}", mailbox.display(), done.error().what));
        return notes;
    });
}

} // namespace mailctl
