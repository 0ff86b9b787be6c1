// SPDX-License-Identifier: Apache-2.0
// A line of the agent's journal, as it stands in its file, behind a syslog stamp, or in what journalctl prints.
#pragma once

#include "mailctl/base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

struct JournalRecord { // as store/journal writes it
    Instant time;
    std::string id, message_id, sender, recipient, result, where, status, why;
    std::uint64_t size = 0;
};
// Absent: no line of the journal.
[[nodiscard]] std::optional<JournalRecord> read_journal_record(std::string_view line);
inline constexpr std::string_view agent_program = "mailctl-deliver"; // as syslog knows it

} // namespace mailctl
