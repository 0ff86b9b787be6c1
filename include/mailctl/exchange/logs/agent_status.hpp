// SPDX-License-Identifier: Apache-2.0
// What a running agent says of itself: a line of JSON on its status socket, which `mailctl status` reads, and the text
// form in which Prometheus collects it.
#pragma once

#include "mailctl/base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

struct AgentStatus {
    std::string version;
    std::uint64_t process = 0;
    std::uint64_t generation = 0; // of the compiled directory it answers from; 0 = it has none yet
    Instant started;
    // Since then: recipients by the last word on each, and what robots and autoreplies sent.
    std::uint64_t delivered = 0, deferred = 0, refused = 0, replies = 0;
    std::uint64_t waiting = 0; // replies, warnings and counts that nobody waits for and that are not done yet
    std::uint64_t asked = 0, turned_away = 0; // at RCPT by Postfix; how often the answer was a refusal
    bool operator==(const AgentStatus&) const = default;
};

[[nodiscard]] std::string agent_status_line(const AgentStatus& status); // without a line feed
// Absent: no such line. Members it does not know are those of a newer agent.
[[nodiscard]] std::optional<AgentStatus> read_agent_status(std::string_view line);
// Text exposition format 0.0.4. Absent: no agent runs, which is a measurement too.
[[nodiscard]] std::string prometheus_text(const std::optional<AgentStatus>& status);

} // namespace mailctl
