// SPDX-License-Identifier: Apache-2.0
// What becomes of held mail, decided here and done as the mail user, rows of the state with it, for both must be under
// one lock. The agent names a message only under the shared lock and while the directory is the one it
// decided by; here the directory has changed before, and the lock is held alone: none is left behind.
#include "mailctl/change/mail/claimed_mail.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/maildir/held_mail.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/candidates.hpp"
#include "mailctl/store/tombstones.hpp"
#include "steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace mailctl {

namespace {

enum class Fate { released, set_aside, candidate_again };

struct Decided { // what becomes of what is held for one name
    HeldFor held;
    Address name;
    Fate fate;
    std::optional<Address> mailbox; // into which it is released
};

std::optional<Address> mailbox_of(const Domain& domain, const std::map<std::string, NameEntry>& entries,
                                  const Address& name) {
    const auto entry = entries.find(name.local.key());
    const auto* mailbox = entry == entries.end() ? nullptr : std::get_if<MailboxEntry>(&entry->second);
    return mailbox ? std::optional(address_in(domain, mailbox->mailbox)) : std::nullopt;
}

std::vector<Decided> decide(const Domain& domain, const std::vector<Address>& candidates,
                            const std::vector<Address>& set_aside) {
    if (candidates.empty() && set_aside.empty()) return {};
    const auto entries = name_entries(domain);
    const auto banished = banished_entries(domain);
    std::vector<Decided> decided;
    for (const auto& name : candidates) {
        auto mailbox = mailbox_of(domain, entries, name);
        if (mailbox)
            decided.push_back({HeldFor::candidate, name, Fate::released, std::move(mailbox)});
        else if (!entries.contains(name.local.key()) && banished.contains(name.local.key()))
            decided.push_back({HeldFor::candidate, name, Fate::set_aside, {}});
    }
    for (const auto& name : set_aside) {
        if (banished.contains(name.local.key())) continue;
        auto mailbox = mailbox_of(domain, entries, name);
        const auto fate = mailbox ? Fate::released : Fate::candidate_again;
        decided.push_back({HeldFor::banished, name, fate, std::move(mailbox)});
    }
    return decided;
}

// Rows come before the mail moves, and all of them each time: whoever was cut short begins again.
Status remember_again(const MailStore& store, State& state, const Address& name) {
    Site::Candidates no_limits;
    no_limits.names = no_limits.name_messages = std::numeric_limits<std::int32_t>::max();
    no_limits.bytes = no_limits.name_bytes = ByteCount{std::numeric_limits<std::int64_t>::max()};
    TRY(forget_candidate(state, name));
    for (const auto place : {HeldFor::candidate, HeldFor::banished}) {
        TRY_ASSIGN(auto messages, held_messages(store, place, name));
        std::ranges::sort(messages, {}, &HeldMessage::arrived);
        for (const auto& message : messages) {
            TRY(reserve_candidate(state, {name, message.size, message.arrived, "", ""}, no_limits));
        }
    }
    return {};
}

Result<std::size_t> carry_out(const MailStore& store, State& state, const Decided& one) {
    if (one.fate == Fate::candidate_again) {
        TRY(remember_again(store, state, one.name));
        return keep_for(store, one.held, HeldFor::candidate, one.name);
    }
    // The record goes first: whoever finds the directory without it, after a crash, knows what is to be done.
    TRY(forget_candidate(state, one.name));
    if (one.mailbox) return release_held(store, one.held, one.name, *one.mailbox);
    return keep_for(store, one.held, HeldFor::banished, one.name);
}

std::string note_of(const Decided& one, std::size_t count) {
    const auto messages = how_many(count, "message");
    const auto name = one.name.display();
    if (one.mailbox)
        return fmt::format("moved {} held for '{}' to mailbox '{}'", messages, name, one.mailbox->display());
    if (one.fate == Fate::candidate_again) return fmt::format("'{}' is a candidate again, with {}", name, messages);
    return fmt::format("set aside {} held for '{}': 'mailctl banished remove {}' brings it back while it is kept",
                       messages, name, one.name.text());
}

Status settle(const MailStore& store, State& state, const Decided& one, std::vector<std::string>& notes) {
    const auto count = carry_out(store, state, one);
    if (!count) return fail(count.error().while_doing(fmt::format("cannot settle candidate '{}'", one.name.display())));
    notes.push_back(note_of(one, *count));
    return {};
}

Result<Words> settle_under_lock(const SiteView& view, const MailStore& store, const Domain& domain,
                                LockPatience& patience) {
    Words notes;
    TRY_ASSIGN(const auto candidates, held_names(store, HeldFor::candidate, domain.name));
    TRY_ASSIGN(const auto set_aside, held_names(store, HeldFor::banished, domain.name));
    const auto decided = decide(domain, candidates, set_aside);
    if (decided.empty()) return notes;
    State state = state_of_mail_user(view);
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, domain.name, HeldLock::Kind::alone, patience));
    for (const auto& one : decided) {
        TRY(settle(store, state, one, notes));
    }
    return notes;
}

using DomainRename = MailMoves::DomainRename;

// A lock of each, in the order of names, as everybody takes two.
Result<Words> move_held(const SiteView& view, const MailStore& store, const DomainRename& rename,
                        LockPatience& patience) {
    State state = state_of_mail_user(view);
    const auto &first = std::min(rename.from, rename.to), &second = std::max(rename.from, rename.to);
    TRY_ASSIGN(const auto lock, HeldLock::acquire(store, HeldFor::candidate, first, HeldLock::Kind::alone, patience));
    TRY_ASSIGN(const auto other, HeldLock::acquire(store, HeldFor::candidate, second, HeldLock::Kind::alone, patience));
    TRY_ASSIGN(const auto names, held_names(store, HeldFor::candidate, rename.from));
    Words notes;
    for (const auto& from : names) {
        const Address to{from.local, rename.to};
        TRY(rename_candidate(state, from, to)); // the row first, as everywhere
        TRY(rename_held(store, HeldFor::candidate, from, to));
        notes.push_back(fmt::format("what is held for '{}' is held for '{}'", from.display(), to.display()));
    }
    TRY_ASSIGN(const auto set_aside, held_names(store, HeldFor::banished, rename.from));
    for (const auto& from : set_aside) {
        TRY(rename_held(store, HeldFor::banished, from, Address{from.local, rename.to}));
    }
    TRY(remove_held_area(store, HeldFor::banished, rename.from));
    TRY(remove_held_area(store, HeldFor::candidate, rename.from));
    TRY(store.remove_domain_directory(rename.from));
    return notes;
}

} // namespace

Status move_candidates(const SiteView& view, std::span<const DomainRename> renamed, std::vector<std::string>& notes) {
    std::vector<DomainRename> holding;
    std::ranges::copy_if(renamed, std::back_inserter(holding), [&](const DomainRename& rename) {
        return has_mail_place(view, held_area(HeldFor::candidate, rename.from));
    });
    if (holding.empty()) return {};
    TRY(prepare_state(view));
    TRY_ASSIGN(const auto said, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words all;
                   LockPatience patience(bounds::held_work_patience);
                   for (const auto& rename : holding) {
                       TRY_ASSIGN(const auto some, move_held(view, store, rename, patience));
                       all.insert(all.end(), some.begin(), some.end());
                   }
                   return all;
               }));
    notes.insert(notes.end(), said.begin(), said.end());
    return {};
}

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
                   LockPatience patience(bounds::held_work_patience);
                   for (const auto* domain : holding) {
                       TRY_ASSIGN(const auto some, settle_under_lock(view, store, *domain, patience));
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

namespace {

// Its words are the names of what is held.
Result<std::vector<Address>> names_held_for(const SiteView& view, const DomainName& domain) {
    std::vector<Address> names;
    if (!has_mail_place(view, held_area(HeldFor::candidate, domain))) return names;
    TRY_ASSIGN(const auto words, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words keys;
                   for (const auto why : {HeldFor::candidate, HeldFor::banished}) {
                       TRY_ASSIGN(const auto held, held_names(store, why, domain));
                       for (const auto& name : held)
                           if (std::ranges::find(keys, name.key()) == keys.end()) keys.push_back(name.key());
                   }
                   return keys;
               }));
    for (const auto& word : words)
        if (auto name = Address::parse(word); name && name->domain == domain) names.push_back(std::move(*name));
    return names;
}

Result<Words> archive_held(const SiteView& view, const MailStore& store, const std::vector<Address>& names,
                           const ArchiveTag& tag) {
    Words notes;
    State state = state_of_mail_user(view);
    LockPatience patience(bounds::held_work_patience);
    TRY_ASSIGN(const auto lock,
               HeldLock::acquire(store, HeldFor::candidate, names.front().domain, HeldLock::Kind::alone, patience));
    for (const auto& name : names) {
        TRY(forget_candidate(state, name));
        TRY(release_held(store, HeldFor::candidate, name, name));
        TRY(release_held(store, HeldFor::banished, name, name)); // set aside: it may not become another owner's
        TRY(archive(view, store, name, tag, notes));
    }
    return notes;
}

// First, so that whoever finds the mail archived knows of it; and the names that were remembered before this was cut
// short come back, for their mail may be on its way.
Status remember_archived(const SiteView& view, const HistoryRecord& record, const DomainName& domain,
                         std::vector<Address>& names) {
    TRY_ASSIGN(auto state, state_of(view));
    std::vector<Tombstone> tombstones;
    for (const auto& name : names)
        tombstones.push_back({name, record.id, record.time, archive_place(name, tag_of(record)),
                              record.time + view.site().candidates.keep});
    TRY(record_tombstones(state, tombstones));
    TRY_ASSIGN(const auto all, archived_by(state, record.id));
    names.clear();
    for (const auto& tombstone : all)
        if (tombstone.address.domain == domain) names.push_back(tombstone.address);
    return {};
}

} // namespace

Status put_away_candidates(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                           std::vector<std::string>& notes) {
    for (const auto& order : moves.orders) {
        if (order.verb != "put-away") continue;
        TRY_ASSIGN(const auto postmaster, Address::parse(order.mailbox));
        TRY_ASSIGN(auto names, names_held_for(view, postmaster.domain));
        TRY(remember_archived(view, record, postmaster.domain, names));
        if (names.empty()) continue;
        TRY_ASSIGN(const auto said, work_on_mail(view, [&](const MailStore& store) {
                       return archive_held(view, store, names, tag_of(record));
                   }));
        notes.push_back(fmt::format("what was held for {} of an earlier '{}' is archived",
                                    how_many(names.size(), "candidate"), postmaster.domain.display()));
        notes.insert(notes.end(), said.begin(), said.end());
    }
    return {};
}

Result<std::vector<std::string>> held_for_newly_banished(const SiteView& view, const Domain* before,
                                                         const Domain& after) {
    std::vector<Address> names;
    const auto known = before ? banished_entries(*before) : std::map<std::string, BanAnswer>{};
    for (const auto& [local, answer] : banished_entries(after))
        if (!known.contains(local)) names.push_back(address_in(after, local));
    std::vector<std::string> sentences;
    if (names.empty() || !has_mail_place(view, held_area(HeldFor::candidate, after.name))) return sentences;
    return work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        Words found;
        for (const auto& name : names) {
            TRY_ASSIGN(const auto held, count_held(store, HeldFor::candidate, name));
            if (held.messages > 0)
                found.push_back(fmt::format("banishing '{}' takes away {} held for it", name.display(),
                                            how_many(held.messages, "message")));
        }
        return found;
    });
}

} // namespace mailctl
