// SPDX-License-Identifier: Apache-2.0
// What is in mailboxes and since when, for those who show it: looked at as the mail user, all mailboxes of a command at
// once. Space used comes from maildirsize where the quota keeps it current and nobody asks for more, and from the file
// names otherwise.
#pragma once

#include "mailctl/mail/quota.hpp"
#include "mailctl/site/site_view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mailctl {

struct UseQuestion {
    enum class Count { nothing, quick, exact }; // quick: maildirsize will do
    Address mailbox;
    ByteCount quota;
    Count count = Count::exact;
    bool delivery = false; // when the last message came
    std::string folder{};  // a +detail: is there such a folder?
};
struct MailboxUse {
    bool known = false;             // false: it cannot be read
    std::optional<QuotaUsage> used; // a mailbox without a Maildir holds nothing
    std::optional<Instant> last_delivery;
    bool has_folder = false;
};

// An answer to each question. A mail root that cannot be read gives unknown ones: whoever shows them goes on.
[[nodiscard]] std::vector<MailboxUse> look_into_mailboxes(const SiteView& view,
                                                          const std::vector<UseQuestion>& questions,
                                                          const std::string& progress_title = {});

} // namespace mailctl
