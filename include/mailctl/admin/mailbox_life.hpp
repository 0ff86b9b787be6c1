// SPDX-License-Identifier: Apache-2.0
// The life of a mailbox after it was made: deleted and brought back, renamed, left by its owner: `mailctl mailbox
// delete`, `restore`, `rename`, `depart`. Each is one change of all files it touches, with orders for the mail; killed
// anywhere, the next change finishes it.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct Deletion {
    std::vector<Address> mailboxes;
    std::optional<Address> redirect_to;      // gets their mail from then on
    std::optional<std::string> archive_file; // absolute path of a new tar file that takes the mail; one mailbox only
    bool purge = false;                      // the mail is removed for good
    std::optional<Age> keep = {};            // how long the archive area keeps it; absent: for ever
};
// The mailboxes with their aliases. Their names leave tombstones, their mail goes to the archive area unless asked
// otherwise. conflict: others refer to them and nobody takes over; the archive file exists.
[[nodiscard]] Result<Report> delete_mailboxes(const World& world, const Deletion& deletion,
                                              const ChangeOptions& options);

// Brings the last deleted mailbox of that name back: settings, mail, and its name from the redirection that was made
// with the deletion. missing: none was deleted. conflict: the name is held by somebody else. The mail alone: it joins
// that of the mailbox which was made anew under the name; nobody sees mail of an earlier owner unasked.
enum class Restoring { mailbox, mail_alone };
[[nodiscard]] Result<Report> restore_mailbox_of(const World& world, const Address& mailbox,
                                                const ChangeOptions& options, Restoring what = Restoring::mailbox);

struct Renaming {
    Address from, to;
    bool leave_alias = false; // the old names stay as aliases, or as forwards where the domain is another
};
// Moves the Maildir and rewrites every reference. Mail for the old name is deferred meanwhile. conflict: the new name
// is held, was deleted once, or something lies at its place.
[[nodiscard]] Result<Report> rename_mailbox_of(const World& world, const Renaming& renaming,
                                               const ChangeOptions& options);

struct Departure {
    Address mailbox, to;
    std::optional<Age> reply_for = {}; // senders are told for so long
    bool hand_over = false;            // the mail becomes a folder of `to`; else it goes to the archive area
};
// A person leaves: the names lead to `to` from now on. With a reply the mailbox stays until somebody deletes it, closed
// and storing nothing, because only a mailbox can have a reply that ends; without one its names become aliases, or
// forwards into another domain. missing: `to` is to take mail over and is no mailbox.
[[nodiscard]] Result<Report> depart_mailbox(const World& world, const Departure& departure,
                                            const ChangeOptions& options);

} // namespace mailctl
