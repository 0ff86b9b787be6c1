// SPDX-License-Identifier: Apache-2.0
// All accounts of domains, or of the site, as CSV: `mailctl export`. What `mailctl import` makes of it is what it was
// made from.
#pragma once

#include "mailctl/exchange/transfer/accounts_csv.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct ExportRequest {
    Hashes hashes = Hashes::left_out;
    bool for_excel = false; // byte order mark and CRLF, without which it takes UTF-8 for something else
    bool as_rows = false;   // rows of a report instead of the text, for --json and --plain
};
// All of the site that the role may see if `domains` is empty. A domain whose file does not validate is exported as it
// was applied last, and a note says so.
[[nodiscard]] Result<Report> export_accounts(const World& world, std::span<const DomainName> domains,
                                             const ExportRequest& request);

} // namespace mailctl
