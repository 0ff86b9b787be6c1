// SPDX-License-Identifier: Apache-2.0
// Account: whatever a domain file has under one name, as one value, so that a row of a CSV file can be any of them.
#pragma once

#include "mailctl/model/domain.hpp"

#include <string_view>
#include <variant>

namespace mailctl {

struct AliasOf {         // a further name of a mailbox of the same domain
    std::string mailbox; // folded local part
    bool operator==(const AliasOf&) const = default;
};
using Account = std::variant<Mailbox, AliasOf, Forward, Robot, List, Ban, Elsewhere>;

enum class AccountKind { mailbox, alias, forward, robot, list, banished, elsewhere }; // as the alternatives of Account

[[nodiscard]] inline AccountKind kind_of(const Account& account) { return static_cast<AccountKind>(account.index()); }
[[nodiscard]] std::string_view kind_name(AccountKind kind); // "mailbox", ..., "banished": as `type` has it
// Also "user", "account", "responder" ...; of those that an administrator makes.
[[nodiscard]] std::optional<AccountKind> find_kind(std::string_view name);
[[nodiscard]] Account empty_account(AccountKind kind);

} // namespace mailctl
