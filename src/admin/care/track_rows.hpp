// SPDX-License-Identifier: Apache-2.0
// Stories as rows of reports: what the last line of a delivery says, and the ids that a message went by.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/store/track_search.hpp"

namespace mailctl {

// From a story to where its mail came from: itself first, the oldest last.
[[nodiscard]] Result<std::vector<Story>> ancestry_of(TrackStore& store, Story story);

struct LastWord { // of one delivery
    std::string remote_host, answer;
    std::optional<double> delay;
};
[[nodiscard]] LastWord last_word(const Story& story, const MailRow& row);
[[nodiscard]] std::string sender_of(const Story& story); // "<>" for the null sender, "" where it was not heard

// A row of type "delivery".
[[nodiscard]] Cells delivery_cells(const std::vector<Story>& ancestry, const MailRow& row);

} // namespace mailctl
