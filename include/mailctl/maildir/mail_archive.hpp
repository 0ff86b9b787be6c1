// SPDX-License-Identifier: Apache-2.0
// The archive area: Maildirs of deleted mailboxes below '.archive', each under a name that says when and by which
// change it was put there, so that a step of a change that is repeated finds what it did before. Moving is by rename;
// removing follows no link and leaves the area nowhere.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <cstdint>

namespace mailctl {

struct ArchiveTag {
    Instant when;
    std::uint64_t change = 0; // number in the history
};
// ".archive/example.com/paul-20261122T032800Z-7", below the mail root.
[[nodiscard]] std::string archive_place(const Address& mailbox, const ArchiveTag& tag);

// Moves a mailbox there, durably. What lies there already was put there by the same change; a mailbox that came to be
// since goes beside it. The place; nullopt: there is and was no such mailbox.
struct Archived {
    std::string place;
    bool moved = false; // just now
};
[[nodiscard]] Result<std::optional<Archived>> archive_mailbox(const MailStore& store, const Address& mailbox,
                                                              const ArchiveTag& tag);
// Moves what was archived so back to a mailbox's place, durably, unless there is a mailbox.
enum class Restored { done, not_archived, in_the_way };
[[nodiscard]] Result<Restored> restore_mailbox(const MailStore& store, const Address& mailbox, const ArchiveTag& tag);

// `place` as archive_place writes it, all below it included. Absent is fine. denied: a place outside the area.
[[nodiscard]] Status remove_archived(const MailStore& store, const std::string& place);

} // namespace mailctl
