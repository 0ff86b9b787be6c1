// SPDX-License-Identifier: Apache-2.0
// What lies in mailboxes, apart from their settings: messages removed on order (`mailctl mailbox clear`), warnings to
// those that fill up. No file of the configuration changes, so there is no record in the history.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct ClearRequest {
    std::vector<Address> mailboxes;
    std::optional<std::string> folder; // absent: all
    std::optional<Age> older_than = {};
};
// Rows: address, messages, bytes removed; a dry run says what would be. missing: a folder that none of them has.
[[nodiscard]] Result<Report> clear_mailboxes(const World& world, const ClearRequest& request,
                                             const ChangeOptions& options);

} // namespace mailctl
