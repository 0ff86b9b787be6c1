// SPDX-License-Identifier: Apache-2.0
// What is remembered of the rounds in which a domain's DNS was looked at, and how another round changes it. What could
// not be looked up changes nothing.
#pragma once

#include "mailctl/exchange/dns/check.hpp"

#include <span>

namespace mailctl {

struct DnsRecordState {
    DnsRow row;
    Instant since;                    // its state
    std::optional<Instant> last_good; // when it was last seen right
};

struct DnsRoundResult {
    std::vector<DnsRecordState> records; // as they are to be remembered
    std::vector<DnsRow> changed;         // what is new against the rounds before; of a first round what is not ok
};
// `since` of a row that is shown: of its state, where that is remembered.
[[nodiscard]] std::optional<Instant> since_of(std::span<const DnsRecordState> records, const DnsRow& row);
[[nodiscard]] DnsRoundResult merge_round(std::span<const DnsRecordState> before, std::span<const DnsRow> rows,
                                         Instant now);

// Pending until the MX was seen right, then active, until `alarm_after` bad rounds in a row, an hour apart or more.
struct DnsDomainState {
    bool active = false;
    std::optional<Instant> since; // absent: never looked at
    unsigned bad_rounds = 0;
    std::optional<Instant> counted; // the last bad round that counted
    bool operator==(const DnsDomainState&) const = default;
};
[[nodiscard]] DnsDomainState after_round(const DnsDomainState& before, std::span<const DnsRow> rows,
                                         const std::string& domain, Instant now, unsigned alarm_after);

// How `dns check` ends: 5 where a required record is bad, 75 where one is unknown and none bad, else 0.
[[nodiscard]] int exit_status_of(std::span<const DnsRow> rows);

} // namespace mailctl
