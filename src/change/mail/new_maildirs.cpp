// SPDX-License-Identifier: Apache-2.0
// Maildirs of new mailboxes, and mail that comes back. Whoever gets a name that somebody had before finds none of his
// mail: a change that cannot hold to that is not made.
#include "mailctl/base/text.hpp"
#include "mailctl/change/mail/claimed_mail.hpp"
#include "mailctl/change/mail/places.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "mailctl/site/site_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"
#include "steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

namespace {

// By the tombstone, and by the record where that is lost; nullopt: neither tells.
Result<std::optional<ArchiveTag>> tag_of_change(const SiteView& view, const Address& mailbox, std::uint64_t change) {
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto tombstone, find_tombstone_of(state, mailbox, change));
    if (tombstone) return ArchiveTag{tombstone->deleted, change};
    const auto record = load_record(view.paths().history, change);
    if (!record) return std::nullopt;
    return tag_of(*record);
}

// Which change archived the mail that a new mailbox is to have again.
Result<std::optional<ArchiveTag>> find_restored(const SiteView& view, const HistoryRecord& record,
                                                const MailMoves& moves, const Address& mailbox) {
    std::optional<std::uint64_t> change = record.reverts;
    if (const auto* order = find_order(moves, "restore", mailbox)) // of no number: change 0, which does not exist
        std::from_chars(order->argument.data(), order->argument.data() + order->argument.size(), change.emplace(0));
    if (!change) return std::nullopt;
    return tag_of_change(view, mailbox, *change);
}

// Who was closed with his mail handed over gets an empty mailbox back.
std::string note_of_return(const SiteView& view, const Address& mailbox, std::uint64_t change) {
    const auto record = load_record(view.paths().history, change);
    for (const auto& order : record ? record->mail : std::vector<MailOrder>{}) {
        if (order.verb != "hand-over" || order.mailbox != mailbox.key()) continue;
        const auto space = order.argument.rfind(' ');
        return fmt::format("mail of '{}' was handed over and stays in folder '{}' of '{}'", mailbox.display(),
                           printable(order.argument.substr(space + 1)), printable(order.argument.substr(0, space)));
    }
    return fmt::format("mail of '{}' is back in its place", mailbox.display());
}

// Nothing archived: this was done already, or there was none.
Status restore(const SiteView& view, const MailStore& store, const Address& mailbox, const ArchiveTag& deleted,
               const HistoryRecord& record, std::vector<std::string>& notes) {
    TRY_ASSIGN(auto restored, restore_mailbox(store, mailbox, deleted));
    if (restored == Restored::in_the_way) {
        TRY(archive(view, store, mailbox, tag_of(record), notes));
        TRY_ASSIGN(restored, restore_mailbox(store, mailbox, deleted));
    }
    if (restored == Restored::done) notes.push_back(note_of_return(view, mailbox, deleted.change));
    return {};
}

// Into a mailbox that stays its mail comes back beside what has arrived since.
Status bring_back(const MailStore& store, const Address& mailbox, const ArchiveTag& deleted, Words& notes) {
    TRY_ASSIGN(const auto to, store.open_mailbox(mailbox));
    TRY_ASSIGN(const bool joined, join_archived(store, archive_place(mailbox, deleted), to));
    if (joined) notes.push_back(fmt::format("mail of '{}' is back in its place", mailbox.display()));
    return {};
}

struct Preparing { // a mailbox that is to have a Maildir
    Address mailbox;
    std::optional<ArchiveTag> deleted = {}; // it gets this mail back
    bool stays = false;                     // it is not new
};

Result<std::vector<Preparing>> find_preparations(const SiteView& view, const HistoryRecord& record,
                                                 const MailMoves& moves) {
    std::vector<Preparing> wanted;
    for (const auto& mailbox : moves.created)
        wanted.push_back({.mailbox = mailbox});
    for (auto& one : wanted) {
        TRY_ASSIGN(one.deleted, find_restored(view, record, moves, one.mailbox));
    }
    for (const auto& order : moves.orders) { // mailboxes that stayed when their mail went
        auto mailbox = Address::parse(order.mailbox);
        if (!mailbox || order.verb != "restore" || std::ranges::find(moves.created, *mailbox) != moves.created.end())
            continue;
        TRY_ASSIGN(const auto deleted, find_restored(view, record, moves, *mailbox));
        wanted.push_back({.mailbox = std::move(*mailbox), .deleted = deleted, .stays = true});
    }
    return wanted;
}

Result<Words> prepare(const SiteView& view, const MailStore& store, const HistoryRecord& record, const MailMoves& moves,
                      const std::vector<Preparing>& wanted) {
    Words notes;
    for (const auto& [mailbox, deleted, stays] : wanted) {
        if (deleted && stays) {
            TRY(bring_back(store, mailbox, *deleted, notes));
        } else if (deleted) {
            TRY(restore(view, store, mailbox, *deleted, record, notes));
        } else if (!stays && moves.known_before.at(mailbox.domain)) {
            TRY_ASSIGN(const auto found, store.find_mailbox(mailbox));
            if (found) notes.push_back(format_adopted(view, mailbox));
        }
    }
    TRY(store.create_mailboxes(moves.created));
    return notes;
}

// Their mail is no longer where their tombstones say.
Status forget_archives(const SiteView& view, const std::vector<Preparing>& wanted) {
    if (std::ranges::none_of(wanted, [](const Preparing& one) { return one.deleted.has_value(); })) return {};
    TRY_ASSIGN(auto state, state_of(view));
    for (const auto& one : wanted)
        if (one.deleted) {
            TRY(forget_archive(state, one.mailbox, one.deleted->change));
        }
    return {};
}

struct Room { // at the place of a new mailbox whose name somebody had before
    Address mailbox;
    std::optional<ArchiveTag> deleted; // it gets this mail back
};

Result<std::vector<Room>> find_rooms(const SiteView& view, const HistoryRecord& record, const MailMoves& moves) {
    std::vector<Room> rooms;
    if (moves.created.empty()) return rooms;
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto known, ever_deleted(state, moves.created));
    for (const auto& mailbox : moves.created) {
        const auto moves_away = [&](const MailMoves::Rename& rename) { return rename.from == mailbox; };
        if (std::ranges::any_of(moves.renamed, moves_away)) continue; // what lies there is not an earlier owner's
        TRY_ASSIGN(auto deleted, find_restored(view, record, moves, mailbox));
        if (deleted || (known.contains(mailbox) && moves.known_before.at(mailbox.domain)))
            rooms.push_back({mailbox, std::move(deleted)});
    }
    return rooms;
}

// Mail that cannot come back is owed later, unless something lies in its place: it may be somebody else's.
Status make_room(const SiteView& view, const MailStore& store, const Room& room, const HistoryRecord& record,
                 Words& notes) {
    if (!room.deleted) {
        TRY(archive(view, store, room.mailbox, tag_of(record), notes));
        return {};
    }
    auto restored = restore(view, store, room.mailbox, *room.deleted, record, notes);
    if (restored) return restored;
    TRY_ASSIGN(const auto taken, store.find_mailbox(room.mailbox));
    return taken ? restored : Status{};
}

} // namespace

Status make_room_for_new(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                         MoveReport& report) {
    TRY_ASSIGN(const auto rooms, find_rooms(view, record, moves));
    if (rooms.empty()) return {};
    TRY_ASSIGN(auto notes, work_on_mail(view, [&](const MailStore& store) -> Result<Words> {
                   Words said;
                   for (const auto& room : rooms) {
                       TRY(make_room(view, store, room, record, said));
                   }
                   return said;
               }));
    report.notes.insert(report.notes.end(), notes.begin(), notes.end());
    return {};
}

Status prepare_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    TRY(put_away_candidates(view, record, moves, report.notes));
    TRY_ASSIGN(const auto wanted, find_preparations(view, record, moves));
    if (wanted.empty()) return {};
    TRY_ASSIGN(auto notes,
               work_on_mail(view, [&](const MailStore& store) { return prepare(view, store, record, moves, wanted); }));
    report.notes.insert(report.notes.end(), notes.begin(), notes.end());
    return forget_archives(view, wanted);
}

} // namespace mailctl
