// SPDX-License-Identifier: Apache-2.0
// Finding rows of the track database: by address, domain, status and time, newest first, through its indexes.
#pragma once

#include "mailctl/store/track.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mailctl {

// Addresses by their address_key: one, or all from `first` to before `last`.
struct AddressRange {
    std::string first, last; // last "" = first alone
    [[nodiscard]] bool holds(std::string_view key) const;
};
[[nodiscard]] AddressRange range_of_address(std::string_view address);
[[nodiscard]] AddressRange range_of_domain(std::string_view domain);
// "ann@example.org" with every detail behind `delimiter`.
[[nodiscard]] AddressRange range_of_details(std::string_view address, char delimiter);
[[nodiscard]] bool holds_any(const std::vector<AddressRange>& ranges, std::string_view address);

struct TrackFilter {
    std::optional<std::vector<AddressRange>> from, to; // one of them
    // Sender or recipient is in one range of each.
    std::vector<std::vector<AddressRange>> either;
    std::optional<MailStatus> status; // without: all but queued
    std::optional<Instant> since, until;
    std::uint64_t limit = 0; // 0 = none
};
struct FoundRow {
    std::uint64_t message = 0;
    std::size_t row = 0; // of Story::rows()
};
// Error of `use` ends the search and is returned.
[[nodiscard]] Status search_track(TrackStore& store, const TrackFilter& filter,
                                  const std::function<Status(const FoundRow&)>& use);
// The same test for a row that was found otherwise.
[[nodiscard]] bool passes(const TrackFilter& filter, const Story& story, const MailRow& row);
// Messages that were heard of since; each once.
[[nodiscard]] Status for_each_message_since(TrackStore& store, Instant since,
                                            const std::function<Status(const Story&)>& use);

} // namespace mailctl
