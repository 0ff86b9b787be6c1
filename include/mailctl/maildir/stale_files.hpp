// SPDX-License-Identifier: Apache-2.0
// What crashed writers left in tmp/ (maildir(5)), everywhere below the mail root: mailboxes, their folders, held mail.
#pragma once

#include "mailctl/maildir/maildir.hpp"

namespace mailctl {

struct StaleFiles {
    std::size_t number = 0;
    std::vector<std::string> unseen; // places below the root that could not be looked into
};
// As remove_stale_files, in all Maildirs of the store. The archive area is left alone.
[[nodiscard]] Result<StaleFiles> remove_all_stale_files(const MailStore& store, Instant now);
[[nodiscard]] Result<StaleFiles> count_all_stale_files(const MailStore& store, Instant now);

} // namespace mailctl
