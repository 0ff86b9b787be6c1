// SPDX-License-Identifier: Apache-2.0
// Keys that are not known are left for later versions.
#include "mailctl/exchange/logs/agent_journal.hpp"

#include "flat_json.hpp"

#include <charconv>

namespace mailctl {

std::optional<JournalRecord> read_journal_record(std::string_view line) {
    JournalRecord record;
    bool has_time = false, has_result = false;
    const bool whole = for_each_member(line, [&](std::string_view key, std::string&& value) {
        if (key == "time") {
            const auto time = parse_rfc3339(value);
            has_time = time.has_value();
            record.time = time.value_or(Instant{});
        } else if (key == "size") {
            std::from_chars(value.data(), value.data() + value.size(), record.size);
        }
        has_result = has_result || key == "result";
        for (const auto& [name, field] :
             {std::pair{"id", &record.id}, std::pair{"message_id", &record.message_id},
              std::pair{"sender", &record.sender}, std::pair{"recipient", &record.recipient},
              std::pair{"result", &record.result}, std::pair{"where", &record.where},
              std::pair{"status", &record.status}, std::pair{"why", &record.why}})
            if (key == name) *field = std::move(value);
    });
    if (!whole || !has_time || !has_result) return std::nullopt;
    return record;
}

} // namespace mailctl
