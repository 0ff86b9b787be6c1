// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/logs/agent_status.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

AgentStatus some_agent_status() {
    return {.version = "1.2 \"beta\"",
            .process = 17,
            .generation = 4,
            .started = Instant(std::chrono::seconds(1'786'000'000)),
            .delivered = 10,
            .deferred = 2,
            .refused = 3,
            .replies = 1,
            .waiting = 5,
            .asked = 9,
            .turned_away = 4};
}

} // namespace

TEST_CASE("what an agent says of itself is read as it was said") {
    CHECK(read_agent_status(agent_status_line(some_agent_status())) == some_agent_status());
    CHECK(read_agent_status(agent_status_line(some_agent_status()) + "\n") == some_agent_status());
}

TEST_CASE("members of a newer agent are passed over") {
    const auto status = read_agent_status(
        R"({"version":"9","started":"2026-08-06T08:26:40Z","queues":{"a":1},"delivered":7,"mood":"good"})");
    REQUIRE(status);
    CHECK(status->version == "9");
    CHECK(status->delivered == 7);
}

TEST_CASE("what is no agent's status is none") {
    for (const char* line : {"", "220 mx ESMTP", "{}", R"({"version":"9"})", R"({"version":"9","started":"soon"})",
                             R"({"version":"9","started":"2026-08-06T08:26:40Z","delivered":-1})",
                             R"({"version":"9","started":"2026-08-06T08:26:40Z")"})
        CHECK_FALSE(read_agent_status(line));
}

TEST_CASE("Prometheus gets a value for every counter, and one where there is no agent") {
    const auto text = prometheus_text(some_agent_status());
    for (const char* line :
         {"mailctl_agent_up 1\n", "mailctl_agent_info{version=\"1.2 \\\"beta\\\"\"} 1\n",
          "mailctl_agent_start_time_seconds 1786000000\n", "mailctl_agent_generation 4\n",
          "# TYPE mailctl_agent_recipients_total counter\n",
          "mailctl_agent_recipients_total{result=\"delivered\"} 10\n",
          "mailctl_agent_recipients_total{result=\"deferred\"} 2\n",
          "mailctl_agent_recipients_total{result=\"refused\"} 3\n", "mailctl_agent_replies_total 1\n",
          "mailctl_agent_waiting 5\n", "mailctl_agent_policy_answers_total{answer=\"refused\"} 4\n",
          "mailctl_agent_policy_answers_total{answer=\"passed\"} 5\n"}) {
        CAPTURE(line);
        CHECK(text.find(line) != std::string::npos);
    }
    const auto none = prometheus_text(std::nullopt);
    CHECK(none.ends_with("mailctl_agent_up 0\n"));
    CHECK(none.find("mailctl_agent_generation") == std::string::npos);
}
