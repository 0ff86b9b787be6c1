// SPDX-License-Identifier: Apache-2.0
// Limits as Dovecot writes them: quota rules of 2.3 ("*:storage=1G:messages=5000") and sizes. Dovecot counts in KiB and
// its multiples whatever is written behind the letter, and `storage` without a letter is in KiB.
#pragma once

#include "mailctl/config/names.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct DovecotQuota {
    std::string size = {};             // of the whole mailbox as a native cell, "0" = no limit; empty: nothing is said
    std::vector<std::string> left_out; // limits that there is no word for here, as sentences
    std::optional<Objection> problem = {}; // Dovecot itself could not open the mailbox
};
// The rules in the order in which Dovecot applies them: the last that says something is right.
[[nodiscard]] DovecotQuota read_quota_rules(const std::vector<std::string_view>& rules);

enum class QuotaUnit { bytes, kibibytes }; // of a number without a letter
// "5G", "1GB", "100" as a native cell; absent: Dovecot takes it for no size.
[[nodiscard]] std::optional<std::string> dovecot_size(std::string_view text, QuotaUnit unit);

} // namespace mailctl
