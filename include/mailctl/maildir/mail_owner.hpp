// SPDX-License-Identifier: Apache-2.0
// System accounts and who owns what: whom mail belongs to (`mail.user`, `mail.group`), and files handed over to them.
#pragma once

#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/paths.hpp"

#include <cstdint>

namespace mailctl {

// By name; below --root the owner of the mail root, or the caller. invalid: the system has no such account.
[[nodiscard]] Result<MailOwner> get_mail_owner(const Paths& paths, const Site::Mail& mail);
// The same where files must be given away to be theirs; nullopt below --root and for callers that are not root.
[[nodiscard]] Result<std::optional<MailOwner>> find_mail_owner(const Paths& paths, const Site::Mail& mail);
// A group of this system that files may be given to; nullopt below --root, for others than root, and if there is none.
[[nodiscard]] std::optional<gid_t> find_group(const Paths& paths, const std::string& name);
// An existing directory, made if absent, with this owner.
[[nodiscard]] Status make_owned_directory(const std::string& path, mode_t mode, const std::optional<MailOwner>& owner);
// The modification time, in whole seconds; for readers that notice nothing finer.
[[nodiscard]] Status set_modified(const std::string& path, std::int64_t seconds);

} // namespace mailctl
