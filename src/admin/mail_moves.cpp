// Maildirs made, renamed and put away. Mail is removed only where somebody ordered it.
#include "mailctl/admin/mail_moves.hpp"

#include "mailctl/admin/pack_mail.hpp"
#include "mailctl/admin/site_mail.hpp"
#include "mailctl/admin/site_state.hpp"
#include "mailctl/admin/suspended_mail.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/maildir/mail_transfer.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

namespace {

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

std::set<std::string> mailbox_names(const Domain* domain) {
    std::set<std::string> names;
    if (domain)
        for (const auto& [name, unused] : domain->mailboxes)
            names.insert(name);
    return names;
}

const MailOrder* find_order(const MailMoves& moves, std::string_view verb, const Address& mailbox) {
    const auto found = std::ranges::find_if(
        moves.orders, [&](const MailOrder& order) { return order.verb == verb && order.mailbox == mailbox.key(); });
    return found == moves.orders.end() ? nullptr : &*found;
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
           removed_domains.empty();
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

Status MailMoves::follow(std::span<const MailOrder> given) {
    static const std::set<std::string, std::less<>> known{"keep-until", "pack",   "purge",
                                                          "restore",    "retire", "hand-over"};
    for (const auto& order : given) {
        if (order.verb != "rename") {
            if (!known.contains(order.verb))
                return fail(ErrorKind::invalid, fmt::format("no order '{}' for mail", printable(order.verb)),
                            "a newer mailctl wrote it");
            orders.push_back(order);
            continue;
        }
        TRY_ASSIGN(Address from, Address::parse(order.mailbox));
        TRY_ASSIGN(Address to, Address::parse(order.argument));
        std::erase(removed, from);
        std::erase(created, to);
        renamed.push_back({std::move(from), std::move(to)});
    }
    return {};
}

namespace mail_order {

MailOrder keep_until(const Address& mailbox, Instant when) {
    return {"keep-until", mailbox.key(), format_rfc3339(when)};
}
MailOrder pack(const Address& mailbox, const std::string& file) { return {"pack", mailbox.key(), file}; }
MailOrder purge(const Address& mailbox) { return {"purge", mailbox.key(), ""}; }
MailOrder rename(const Address& from, const Address& to) { return {"rename", from.key(), to.key()}; }
MailOrder restore(const Address& mailbox, std::uint64_t change) {
    return {"restore", mailbox.key(), std::to_string(change)};
}
MailOrder retire(const Address& mailbox) { return {"retire", mailbox.key(), ""}; }
MailOrder hand_over(const Address& mailbox, const Address& to, const std::string& folder) {
    return {"hand-over", mailbox.key(), to.key() + " " + folder};
}

Result<std::vector<MailOrder>> undoing(const HistoryRecord& record) {
    std::vector<MailOrder> orders;
    for (const auto& order : record.mail) {
        TRY_ASSIGN(const Address mailbox, Address::parse(order.mailbox));
        if (order.verb == "retire") orders.push_back(restore(mailbox, record.id));
        if (order.verb != "rename") continue;
        TRY_ASSIGN(const Address to, Address::parse(order.argument));
        orders.push_back(rename(to, mailbox));
    }
    return orders;
}

} // namespace mail_order

Status check_mail_places(const SiteView& view) {
    TRY(open_store(view));
    TRY_ASSIGN(auto state, state_of(view));
    TRY(state.turn());
    return {};
}

namespace {

Result<ArchiveTag> tag_of_change(const SiteView& view, std::uint64_t change) {
    TRY_ASSIGN(const auto record, load_record(view.paths().history, change));
    return tag_of(record);
}

// Which change archived the mail that a new mailbox is to have again.
Result<std::optional<ArchiveTag>> find_restored(const SiteView& view, const HistoryRecord& record,
                                                const MailMoves& moves, const Address& mailbox) {
    std::optional<std::uint64_t> change = record.reverts;
    if (const auto* order = find_order(moves, "restore", mailbox)) change = std::stoull(order->argument);
    if (!change) return std::nullopt;
    TRY_ASSIGN(const auto tag, tag_of_change(view, *change));
    return std::optional(tag);
}

// Nothing archived: this was done already, or there was none.
Status restore(const SiteView& view, const MailStore& store, const Address& mailbox, const ArchiveTag& deleted,
               const HistoryRecord& record, std::vector<std::string>& notes) {
    TRY_ASSIGN(auto restored, restore_mailbox(store, mailbox, deleted));
    if (restored == Restored::in_the_way) {
        TRY(archive(view, store, mailbox, tag_of(record), notes));
        TRY_ASSIGN(restored, restore_mailbox(store, mailbox, deleted));
    }
    if (restored == Restored::done)
        notes.push_back(fmt::format("mail of '{}' is back in its place", mailbox.display()));
    TRY_ASSIGN(auto state, state_of(view));
    return forget_archive(state, mailbox, deleted.change);
}

Status prepare(const SiteView& view, const MailStore& store, const HistoryRecord& record, const MailMoves& moves,
               const Address& mailbox, std::vector<std::string>& notes) {
    TRY_ASSIGN(const auto deleted, find_restored(view, record, moves, mailbox));
    if (deleted) return restore(view, store, mailbox, *deleted, record, notes);
    if (!moves.known_before.at(mailbox.domain)) return {};
    TRY(archive(view, store, mailbox, tag_of(record), notes));
    return {};
}

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

// What was ordered beyond archiving. The tombstone no longer points to what is gone.
Status dispose(const SiteView& view, const MailStore& store, const MailMoves& moves, Tombstone& tombstone,
               MoveReport& report) {
    const auto& mailbox = tombstone.address;
    if (const auto* order = find_order(moves, "pack", mailbox)) {
        auto packed = pack_archived(view.paths().mail, *tombstone.archive, order->argument, tombstone.change);
        if (!packed) {
            report.unpacked = std::move(packed).error();
            return {};
        }
        report.notes.push_back(fmt::format("mail of '{}' is in '{}'", mailbox.display(), order->argument));
        TRY(remove_archived(store, *tombstone.archive));
        TRY(settle_packed(order->argument, tombstone.change));
        tombstone.archive = order->argument;
    } else if (find_order(moves, "purge", mailbox)) {
        TRY(remove_archived(store, *tombstone.archive));
        report.notes.push_back(fmt::format("mail of '{}' is removed for good", mailbox.display()));
        tombstone.archive.reset();
    }
    return {};
}

// Removed mailboxes, and those that stay without their mail.
std::vector<Address> leaving(const MailMoves& moves) {
    std::vector<Address> addresses = moves.removed;
    for (const auto& order : moves.orders)
        if (auto address = Address::parse(order.mailbox); address && order.verb == "retire")
            addresses.push_back(std::move(*address));
    return addresses;
}

Result<Tombstone> bury(const SiteView& view, const MailStore& store, const HistoryRecord& record,
                       const MailMoves& moves, const Address& mailbox, MoveReport& report) {
    TRY(release_suspended(store, mailbox, report.notes));
    TRY_ASSIGN(auto place, archive(view, store, mailbox, tag_of(record), report.notes));
    Tombstone tombstone = tombstone_of(record, moves, mailbox, std::move(place));
    if (tombstone.archive) {
        TRY(hand_over_mail(store, moves, mailbox, *tombstone.archive, report.notes));
        TRY(dispose(view, store, moves, tombstone, report));
    } else if (const auto* order = find_order(moves, "pack", mailbox)) {
        // Packed before this step was cut short, or never any mail.
        TRY_ASSIGN(const auto file, find_stamp(order->argument));
        if (file) tombstone.archive = order->argument;
        TRY(settle_packed(order->argument, record.id));
    }
    return tombstone;
}

Status settle_names(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                    std::span<const Tombstone> tombstones) {
    std::vector<Address> renamed;
    for (const auto& [from, to] : moves.renamed)
        renamed.push_back(to);
    if (moves.created.empty() && renamed.empty() && tombstones.empty()) return {};
    TRY_ASSIGN(auto state, state_of(view));
    TRY(record_tombstones(state, tombstones));
    std::vector<Address> staying; // a name that stays needs no tombstone, only the place of its mail
    for (const auto& tombstone : tombstones)
        if (find_order(moves, "retire", tombstone.address)) staying.push_back(tombstone.address);
    TRY(clear_tombstones(state, moves.created, record.id, record.time));
    TRY(clear_tombstones(state, renamed, record.id, record.time));
    return clear_tombstones(state, staying, record.id + 1, record.time);
}

} // namespace

Status rename_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    if (moves.renamed.empty()) return {};
    TRY_ASSIGN(const auto store, open_store(view));
    for (const auto& [from, to] : moves.renamed) {
        TRY_ASSIGN(const bool moved, rename_mailbox(store, from, to, tag_of(record)));
        TRY(rename_suspended(store, from, to));
        TRY(store.create_mailbox(to));
        if (moved) report.notes.push_back(fmt::format("mail of '{}' moved to '{}'", from.display(), to.display()));
    }
    return {};
}

Status prepare_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    std::vector<Address> restored; // mailboxes that stayed when their mail went
    for (const auto& order : moves.orders)
        if (auto address = Address::parse(order.mailbox); address && order.verb == "restore")
            if (std::ranges::find(moves.created, *address) == moves.created.end()) restored.push_back(*address);
    if (moves.created.empty() && restored.empty()) return {};
    TRY_ASSIGN(const auto store, open_store(view));
    for (const auto& mailbox : moves.created) {
        TRY(prepare(view, store, record, moves, mailbox, report.notes));
    }
    for (const auto& mailbox : restored) {
        TRY(prepare(view, store, record, moves, mailbox, report.notes));
    }
    return store.create_mailboxes(moves.created);
}

Status retire_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves, MoveReport& report) {
    const auto addresses = leaving(moves);
    std::vector<Tombstone> tombstones;
    if (!addresses.empty() || !moves.released.empty() || !moves.removed_domains.empty()) {
        TRY_ASSIGN(const auto store, open_store(view));
        for (const auto& mailbox : moves.released) {
            TRY(release_suspended(store, mailbox, report.notes));
        }
        for (const auto& mailbox : addresses) {
            TRY_ASSIGN(auto tombstone, bury(view, store, record, moves, mailbox, report));
            tombstones.push_back(std::move(tombstone));
        }
        for (const auto& domain : moves.removed_domains) {
            TRY(store.remove_domain_directory(domain));
        }
    }
    return settle_names(view, record, moves, tombstones);
}

Result<std::vector<std::string>> expire_archives(const World& world, const SiteView& view) {
    std::vector<std::string> notes;
    TRY_ASSIGN(auto state, state_of(view));
    TRY_ASSIGN(const auto expired, expired_tombstones(state, world.clock()));
    if (expired.empty()) return notes;
    TRY_ASSIGN(const auto store, open_store(view));
    for (const auto& tombstone : expired) {
        const bool packed = tombstone.archive->starts_with('/'); // somebody's own file by now
        if (!packed) {
            TRY(remove_archived(store, *tombstone.archive));
            notes.push_back(fmt::format("removed the archived mail of '{}', kept until {}", tombstone.address.display(),
                                        format_rfc3339(*tombstone.keep_until)));
        }
        TRY(forget_archive(state, tombstone.address, tombstone.change));
    }
    return notes;
}

} // namespace mailctl
