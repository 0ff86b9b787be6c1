// SPDX-License-Identifier: Apache-2.0
// Maildirs made, renamed and put away. Mail is removed only where somebody ordered it. Each step is one piece of work
// as the mail user: what it says comes back in words, notes last; what is remembered of it is written here.
#include "mailctl/change/mail/moves.hpp"

#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/claimed_mail.hpp"
#include "mailctl/change/mail/suspended_mail.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"
#include "pack_mail.hpp"
#include "steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <set>

namespace mailctl {

ArchiveTag tag_of(const HistoryRecord& record) { return {record.time, record.id}; }

Result<std::optional<std::string>> archive(const SiteView& view, const MailStore& store, const Address& mailbox,
                                           const ArchiveTag& tag, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto archived, archive_mailbox(store, mailbox, tag));
    if (!archived) return std::nullopt;
    if (archived->moved)
        notes.push_back(
            fmt::format("mail of '{}' moved to '{}/{}'", mailbox.display(), view.paths().mail, archived->place));
    return archived->place;
}

const MailOrder* find_order(const MailMoves& moves, std::string_view verb, const Address& mailbox) {
    const auto found = std::ranges::find_if(
        moves.orders, [&](const MailOrder& order) { return order.verb == verb && order.mailbox == mailbox.key(); });
    return found == moves.orders.end() ? nullptr : &*found;
}

namespace {

std::set<std::string> mailbox_names(const Domain* domain) {
    std::set<std::string> names;
    if (domain)
        for (const auto& [name, unused] : domain->mailboxes)
            names.insert(name);
    return names;
}

struct Recipient {
    Address address;
    std::string folder;
};
Result<Recipient> parse_recipient(const std::string& argument) {
    const auto space = argument.find(' ');
    TRY_ASSIGN(auto address, Address::parse(argument.substr(0, space)));
    return Recipient{std::move(address), argument.substr(std::min(space, argument.size() - 1) + 1)};
}

} // namespace

bool MailMoves::empty() const {
    return renamed.empty() && created.empty() && removed.empty() && released.empty() && orders.empty() &&
           removed_domains.empty() && renamed_domains.empty();
}

void MailMoves::compare(const DomainName& name, const Domain* before, const Domain* after) {
    const auto old_names = mailbox_names(before), new_names = mailbox_names(after);
    known_before[name] = before != nullptr;
    if (before && !after) removed_domains.push_back(name);
    for (const auto& local : new_names)
        if (!old_names.contains(local)) created.push_back({LocalPart::from_trusted(local), name});
    for (const auto& local : old_names) {
        if (!new_names.contains(local))
            removed.push_back({LocalPart::from_trusted(local), name});
        else if (holds_mail(before->mailboxes.at(local)) && !holds_mail(after->mailboxes.at(local)))
            released.push_back({LocalPart::from_trusted(local), name});
    }
}

Status check_mail_places(const SiteView& view) {
    TRY(mail_user_to_become(view));
    TRY(MailStore::open(view.paths().mail, view.site().hostname.text()));
    TRY_ASSIGN(auto state, state_of(view));
    TRY(state.turn());
    return {};
}

namespace {

Tombstone tombstone_of(const HistoryRecord& record, const MailMoves& moves, const Address& mailbox,
                       std::optional<std::string> place) {
    Tombstone tombstone{mailbox, record.id, record.time, std::move(place), {}};
    if (const auto* order = find_order(moves, "keep-until", mailbox))
        if (const auto until = parse_rfc3339(order->argument)) tombstone.keep_until = *until;
    return tombstone;
}

Status hand_over_mail(const MailStore& store, const MailMoves& moves, const Address& mailbox, const std::string& place,
                      std::vector<std::string>& notes) {
    const auto* order = find_order(moves, "hand-over", mailbox);
    if (!order) return {};
    TRY_ASSIGN(const auto recipient, parse_recipient(order->argument));
    TRY_ASSIGN(const auto to, store.open_mailbox(recipient.address));
    TRY(hand_over(store, place, to, recipient.folder));
    notes.push_back(fmt::format("mail of '{}' is in folder '{}' of '{}'", mailbox.display(), recipient.folder,
                                recipient.address.display()));
    return {};
}

// Where its mail lies now; nullopt: there is none (any more).
Result<std::optional<std::string>> put_away(const SiteView& view, const MailStore& store, const HistoryRecord& record,
                                            const MailMoves& moves, const Address& mailbox, LockPatience& patience,
                                            Words& notes) {
    TRY(release_suspended(store, mailbox, patience, notes));
    TRY_ASSIGN(auto place, archive(view, store, mailbox, tag_of(record), notes));
    if (!place) return place;
    TRY(hand_over_mail(store, moves, mailbox, *place, notes));
    if (find_order(moves, "pack", mailbox) || !find_order(moves, "purge", mailbox)) return place;
    TRY(remove_archived(store, *place));
    notes.push_back(fmt::format("mail of '{}' is removed for good", mailbox.display()));
    return std::nullopt;
}

// A word for each of those that leave: where its mail lies, "" for none. Then notes.
Result<Words> retire(const SiteView& view, const MailStore& store, const HistoryRecord& record, const MailMoves& moves,
                     const std::vector<Address>& leaving) {
    Words places, notes;
    LockPatience patience(bounds::held_work_patience);
    for (const auto& mailbox : moves.released) {
        TRY(release_suspended(store, mailbox, patience, notes));
    }
    for (const auto& mailbox : leaving) {
        TRY_ASSIGN(auto place, put_away(view, store, record, moves, mailbox, patience, notes));
        places.push_back(std::move(place).value_or(""));
    }
    for (const auto& domain : moves.removed_domains) {
        TRY(store.remove_domain_directory(domain));
    }
    places.insert(places.end(), std::make_move_iterator(notes.begin()), std::make_move_iterator(notes.end()));
    return places;
}

Status remove_packed(const SiteView& view, const std::string& place) {
    TRY(work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
        TRY(remove_archived(store, place));
        return Words{};
    }));
    return {};
}

// The tombstone no longer points to what is gone. A file that cannot be written holds nothing up.
Status pack(const SiteView& view, const std::string& file, Tombstone& tombstone, MoveReport& report) {
    if (!tombstone.archive) { // packed before this step was cut short, or never any mail
        TRY_ASSIGN(const auto packed, find_stamp(file));
        if (packed) tombstone.archive = file;
        return settle_packed(file, tombstone.change);
    }
    TRY_ASSIGN(const auto user, mail_user_to_become(view));
    auto packed = pack_archived({view.paths().mail, *tombstone.archive, user}, file, tombstone.change);
    if (!packed) {
        report.unpacked = std::move(packed).error();
        return {};
    }
    report.notes.push_back(fmt::format("mail of '{}' is in '{}'", tombstone.address.display(), file));
    TRY(remove_packed(view, *tombstone.archive));
    TRY(settle_packed(file, tombstone.change));
    tombstone.archive = file;
    return {};
}

Result<std::vector<Tombstone>> bury_all(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                        MoveReport& report) {
    const auto addresses = moves.leaving();
    std::vector<Tombstone> tombstones;
    if (addresses.empty() && moves.released.empty() && moves.removed_domains.empty()) return tombstones;
    TRY_ASSIGN(auto words, work_on_mail(view, [&](const MailStore& store) {
                   return retire(view, store, record, moves, addresses);
               }));
    if (words.size() < addresses.size()) return fail(ErrorKind::temporary, "work on mail gave half an answer");
    for (std::size_t i = 0; i < addresses.size(); ++i)
        tombstones.push_back(tombstone_of(record, moves, addresses[i],
                                          words[i].empty() ? std::nullopt : std::optional(std::move(words[i]))));
    report.notes.insert(report.notes.end(), words.begin() + static_cast<std::ptrdiff_t>(addresses.size()), words.end());
    for (auto& tombstone : tombstones)
        if (const auto* order = find_order(moves, "pack", tombstone.address)) {
            TRY(pack(view, order->argument, tombstone, report));
        }
    return tombstones;
}

Status settle_names(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                    std::span<const Tombstone> tombstones) {
    std::vector<Address> renamed;
    for (const auto& [from, to] : moves.renamed)
        renamed.push_back(to);
    if (moves.created.empty() && renamed.empty() && tombstones.empty()) return {};
    TRY_ASSIGN(auto state, state_of(view));
    TRY(record_tombstones(state, tombstones));
    const auto retired = moves.retired(); // a name that stays needs no tombstone, only the place of its mail
    const std::vector<Address> staying(retired.begin(), retired.end());
    TRY(clear_tombstones(state, moves.created, record.id, record.time));
    TRY(clear_tombstones(state, renamed, record.id, record.time));
    return clear_tombstones(state, staying, record.id + 1, record.time);
}

} // namespace

Status rename_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    if (moves.renamed.empty()) return {};
    TRY_ASSIGN(auto notes, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words said;
                   LockPatience patience(bounds::held_work_patience);
                   for (const auto& [from, to] : moves.renamed) {
                       TRY_ASSIGN(const bool moved, rename_mailbox(store, from, to, tag_of(record)));
                       TRY(rename_suspended(store, from, to, patience));
                       TRY(store.create_mailbox(to));
                       if (moved)
                           said.push_back(fmt::format("mail of '{}' moved to '{}'", from.display(), to.display()));
                   }
                   return said;
               }));
    report.notes.insert(report.notes.end(), notes.begin(), notes.end());
    return {};
}

Status retire_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    TRY(move_candidates(view, moves.renamed_domains, report.notes));
    TRY_ASSIGN(const auto tombstones, bury_all(view, record, moves, report));
    return settle_names(view, record, moves, tombstones);
}

// What was packed is somebody's own file by now.
Result<std::vector<std::string>> expire_archives(const World& world, const SiteView& view) {
    std::vector<std::string> notes;
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto expired, expired_tombstones(state, world.clock()));
    tell_skipped(state, notes);
    const auto is_packed = [](const Tombstone& tombstone) { return tombstone.archive->starts_with('/'); };
    if (std::ranges::any_of(expired, std::not_fn(is_packed))) {
        TRY(work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
            for (const auto& tombstone : expired)
                if (!is_packed(tombstone)) {
                    TRY(remove_archived(store, *tombstone.archive));
                }
            return Words{};
        }));
    }
    for (const auto& tombstone : expired) {
        if (!is_packed(tombstone))
            notes.push_back(fmt::format("removed the archived mail of '{}', kept until {}", tombstone.address.display(),
                                        minute_in_zone(*tombstone.keep_until, view.site().time_zone)));
        TRY(forget_archive(state, tombstone.address, tombstone.change));
    }
    return notes;
}

} // namespace mailctl
