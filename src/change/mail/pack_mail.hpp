// SPDX-License-Identifier: Apache-2.0
// Archived mail as a tar file (pax format), written by tar(1). The file is the administrator's and appears under its
// name when it is whole and on the disk; none that exists is ever replaced. What goes in is read by the mail user.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mailctl {

struct PackedMail {
    std::string mail_root;
    std::string place;             // below it
    std::optional<MailOwner> user; // who reads it; nullopt: the caller
};
// Packs it into `file`, mode 0600; the mail stays where it is. A second name beside the file, with the number of the
// change in it, says that it is ours and whole, so that the same change does not pack again what it has begun to
// remove. conflict: there is another file of that name.
[[nodiscard]] Status pack_archived(const PackedMail& mail, const std::string& file, std::uint64_t change);
// Takes the second name away, after the mail was removed.
[[nodiscard]] Status settle_packed(const std::string& file, std::uint64_t change);

} // namespace mailctl
