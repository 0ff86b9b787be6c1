// Accounts as tables of a domain file: what a new one adds, and what must be edited to make one into another. Only keys
// that differ are touched.
#pragma once

#include "mailctl/admin/edits.hpp"
#include "mailctl/exchange/account.hpp"

namespace mailctl {

// The tables of an account, none for an alias (it is a key of its mailbox). `local` is folded.
[[nodiscard]] std::vector<AddTable> account_tables(const Address& address, const Account& account);
// The same as text for a file that has none of them yet; a banished name as its line.
[[nodiscard]] std::string compose_account(const Address& address, const Account& account);
[[nodiscard]] std::vector<Edit> account_edits(const Address& address, const Account* before, const Account& after);
[[nodiscard]] Edit remove_account(const Address& address, AccountKind kind); // of any kind but an alias

} // namespace mailctl
