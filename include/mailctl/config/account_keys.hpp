// SPDX-License-Identifier: Apache-2.0
// The keys of accounts: the one table that says which there are (specification 3). Rows of one kind stand together,
// those of a table below it too. A key is added as a member of the model and a row here.
#pragma once

#include "mailctl/config/key.hpp"
#include "mailctl/model/account.hpp"

namespace mailctl {

using AccountKey = Key<Account>;
using AccountKeyTable = KeyTable<Account>;

[[nodiscard]] std::span<const AccountKey> account_keys();
[[nodiscard]] std::span<const AccountKey> account_keys(AccountKind kind);
// [mailbox.NAME.suspend], [mailbox.NAME.autoreply]
[[nodiscard]] std::span<const AccountKeyTable> account_key_tables();
// Of one kind by its name; nullptr: none.
[[nodiscard]] const AccountKey* find_account_key(AccountKind kind, std::string_view name);

// The names that KEY=VALUE takes for this kind, and those of them that such a role may set.
[[nodiscard]] std::vector<std::string> setting_names(AccountKind kind, SetBy role = SetBy::site);
[[nodiscard]] inline bool may_set(SetBy role, SetBy least) { return role <= least; }

} // namespace mailctl
