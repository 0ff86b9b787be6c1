// SPDX-License-Identifier: Apache-2.0
// What the track commands share: whose mail a role may see, and the times and names that people type.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/track_search.hpp"

namespace mailctl {

// Addresses that are the role's: a user's with their aliases and details, all of an owner's domains. Absent:
// everybody's.
[[nodiscard]] Result<std::optional<std::vector<AddressRange>>> addresses_of_role(const SiteView& view);
// A domain by all its names.
[[nodiscard]] Result<std::vector<AddressRange>> addresses_of_domain(const SiteView& view, std::string_view name);
// The address, and what it may be written as in a log. usage: no address; "<>" and "" are the null sender.
[[nodiscard]] Result<std::vector<AddressRange>> addresses_named(std::string_view word);
// The same; of a mailbox, which gets mail under many, all its names: aliases, the domain's other names, details.
[[nodiscard]] Result<std::vector<AddressRange>> addresses_reaching(const SiteView& view, std::string_view word);

// The file that the agent's journal is written to and those it was rotated to; none where it goes elsewhere.
[[nodiscard]] std::vector<std::string> journal_files(const SiteView& view);

// An age ("2h" ago), a date (its beginning; its end where `end_of_day`), or RFC 3339. usage: none of them.
enum class DayPart { beginning, end };
[[nodiscard]] Result<Instant> read_time(std::string_view text, Instant now, DayPart part);
[[nodiscard]] Result<MailStatus> read_status(std::string_view text);

} // namespace mailctl
