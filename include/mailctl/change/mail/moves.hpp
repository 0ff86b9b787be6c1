// SPDX-License-Identifier: Apache-2.0
// What a change means for the mail itself: a new mailbox gets a Maildir that holds nothing of an earlier owner, a
// deleted one's mail goes to the archive area and leaves a tombstone, held mail is released when a suspension ends.
// That follows from the models before and after, so that it holds for commands, hand edits and reverts alike; what does
// not (a new name, an archive file, a folder of somebody else) stands in the record as an order. Each step may be
// repeated.
#pragma once

#include "mailctl/maildir/mail_archive.hpp"
#include "mailctl/site/site_view.hpp"

#include <cstdint>

namespace mailctl {

// The orders that a record may hold.
namespace mail_order {
[[nodiscard]] MailOrder keep_until(const Address& mailbox, Instant when);      // its archived mail expires then
[[nodiscard]] MailOrder pack(const Address& mailbox, const std::string& file); // into a tar file, and away
[[nodiscard]] MailOrder purge(const Address& mailbox);
[[nodiscard]] MailOrder rename(const Address& from, const Address& to);
[[nodiscard]] MailOrder rename_domain(const DomainName& from, const DomainName& to); // what is held for candidates
[[nodiscard]] MailOrder restore(const Address& mailbox, std::uint64_t change);       // what that change archived
[[nodiscard]] MailOrder retire(const Address& mailbox); // archived although the mailbox stays
[[nodiscard]] MailOrder hand_over(const Address& mailbox, const Address& to, const std::string& folder);
// What is held for candidates of an earlier domain of this name is archived: no owner of the new one sees it.
[[nodiscard]] MailOrder put_away(const DomainName& domain);
// No order: mailboxes of the domain go with this change because an edit by hand left them out (see losses).
[[nodiscard]] MailOrder left_out(const DomainName& domain);
[[nodiscard]] bool was_left_out(const HistoryRecord& record, const Address& mailbox);
// The orders that undo those of `record` where a revert would not do it by itself.
[[nodiscard]] Result<std::vector<MailOrder>> undoing(const HistoryRecord& record);
} // namespace mail_order

struct MailMoves {
    struct Rename {
        Address from, to;
    };
    struct DomainRename {
        DomainName from, to;
    };
    std::vector<Rename> renamed;
    std::vector<DomainRename> renamed_domains; // beside the mailboxes of each
    std::vector<Address> created, removed;     // without those renamed
    std::vector<Address> released;             // mail is no longer held for them
    std::vector<MailOrder> orders;             // of other kinds
    std::vector<DomainName> removed_domains;
    // Whether the domain had been applied before. Where not, mail that is there is kept: it was put there with the
    // file. So is mail at the place of a new mailbox whose name nobody had before.
    std::map<DomainName, bool> known_before;

    [[nodiscard]] bool empty() const;
    [[nodiscard]] std::set<Address> retired() const;    // mailboxes that stay without their mail
    [[nodiscard]] std::vector<Address> leaving() const; // removed and retired ones
    void compare(const DomainName& name, const Domain* before, const Domain* after);
    // After all domains were compared. invalid: an order that this version does not know.
    Status follow(std::span<const MailOrder> given);
};

// temporary: the mail root or the state cannot be used. To be asked before a change with moves is committed.
[[nodiscard]] Status check_mail_places(const SiteView& view);

// What was said and what went wrong on the way without holding up the change.
struct MoveReport {
    std::vector<std::string> notes;
    std::optional<Error> unpacked; // the mail stays in the archive area because its file could not be written
    std::optional<Error> unmoved;  // some mail stays where it was (see unmoved_mail)
};
// While the agent defers mail for them.
[[nodiscard]] Status rename_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                     MoveReport& report);
// Before anything else: what lies in the places of new mailboxes leaves, where others had their names. An error: the
// change may not be made, for a new mailbox would show their mail.
[[nodiscard]] Status make_room_for_new(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                       MoveReport& report);
// Before the agent knows of new mailboxes.
[[nodiscard]] Status prepare_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                      MoveReport& report);
// After the agent has forgotten the removed ones. What is held for candidates goes with the name of their domain. The
// directory of a domain that is no more goes, if it is empty.
[[nodiscard]] Status retire_maildirs(const SiteView& view, const HistoryRecord& record, const MailMoves& moves,
                                     MoveReport& report);

// Archived mail whose time is over is removed; a line for each. For `mailctl apply`.
[[nodiscard]] Result<std::vector<std::string>> expire_archives(const World& world, const SiteView& view);

} // namespace mailctl
