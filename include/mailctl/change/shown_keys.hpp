// SPDX-License-Identifier: Apache-2.0
// Keys as cells of a report. Names, headings and values come from the rows of the key tables, so that a new key is
// shown without a word in any command. A report that has its keys in an order of its own names those first.
#pragma once

#include "mailctl/model/account.hpp"
#include "mailctl/report/report.hpp"

#include <string_view>

namespace mailctl {

// The key of that name ("limits.quota"), which must exist.
[[nodiscard]] Cell domain_cell(const Domain& domain, std::string_view name);

// The settings that the row does not have yet.
void add_settings(Cells& row, const Account& account, const DomainName& own);
void add_settings(Cells& row, const Domain& domain);
// Those of them that stand in a list of domains.
void add_listed_settings(Cells& row, const Domain& domain);

} // namespace mailctl
