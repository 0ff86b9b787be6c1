// SPDX-License-Identifier: Apache-2.0
// Accounts as native CSV: what `mailctl export` writes and `mailctl import` reads back unchanged. Every account of a
// domain is a row, in the order of its file's kinds; aliases stand in the row of their mailbox.
#pragma once

#include "mailctl/exchange/transfer/account_columns.hpp"
#include "mailctl/exchange/transfer/csv.hpp"
#include "mailctl/report/report.hpp"

#include <functional>

namespace mailctl {

enum class Hashes { left_out, shown };
// Of a mailbox without limit: where a site gives new mailboxes a quota, an empty cell would be read as that one.
enum class NoQuota { empty, said };

// The address as its row has it, and the account.
using EachAccount = std::function<void(const std::string& address, const Account& account)>;
void for_each_account(const Domain& domain, const EachAccount& use);

[[nodiscard]] std::vector<std::string> export_headings(Hashes hashes); // "address", "type", then the columns
void append_accounts(std::string& out, const Domain& domain, Hashes hashes, LineEnd line_end,
                     NoQuota no_quota = NoQuota::empty);
// The same as rows of a report, typed: see Column::value_of.
void append_account_rows(std::vector<Cells>& rows, const Domain& domain, Hashes hashes, const Site::Addresses& rules);

} // namespace mailctl
