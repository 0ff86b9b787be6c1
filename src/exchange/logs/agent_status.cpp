// SPDX-License-Identifier: Apache-2.0
// One table says what is counted, for the line, its reader and Prometheus alike.
#include "mailctl/exchange/logs/agent_status.hpp"

#include "flat_json.hpp"
#include "mailctl/report/report.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace mailctl {
namespace {

struct StatusNumber {
    std::string_view key;
    std::uint64_t AgentStatus::*member;
};
constexpr auto status_numbers = std::to_array<StatusNumber>({{"process", &AgentStatus::process},
                                                             {"generation", &AgentStatus::generation},
                                                             {"delivered", &AgentStatus::delivered},
                                                             {"deferred", &AgentStatus::deferred},
                                                             {"refused", &AgentStatus::refused},
                                                             {"replies", &AgentStatus::replies},
                                                             {"waiting", &AgentStatus::waiting},
                                                             {"asked", &AgentStatus::asked},
                                                             {"turned_away", &AgentStatus::turned_away}});

std::optional<std::uint64_t> natural_in(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// In a label value a backslash, a quote and a line feed are escaped.
std::string label_value(std::string_view text) {
    std::string value;
    for (const char c : text) {
        if (c == '\\' || c == '"') value += '\\';
        value += c == '\n' ? ' ' : c;
    }
    return value;
}

void add_metric(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void add_number(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                std::uint64_t value) {
    add_metric(text, name, type, help);
    text += fmt::format("{} {}\n", name, value);
}

} // namespace

std::string agent_status_line(const AgentStatus& status) {
    Cells cells{{.key = "version", .value = status.version},
                {.key = "started", .value = format_rfc3339(status.started)}};
    for (const auto& [key, member] : status_numbers)
        cells.push_back({.key = std::string(key), .value = static_cast<std::int64_t>(status.*member)});
    return render_json_line(cells);
}

std::optional<AgentStatus> read_agent_status(std::string_view line) {
    AgentStatus status;
    std::optional<Instant> started;
    bool is_good = true;
    const bool whole = for_each_member(line, [&](std::string_view key, std::string&& value) {
        if (key == "version") status.version = value;
        if (key == "started") {
            if (const auto time = parse_rfc3339(value)) started = *time;
        }
        for (const auto& [known, member] : status_numbers) {
            if (key != known) continue;
            const auto number = natural_in(value);
            is_good = is_good && number;
            status.*member = number.value_or(0);
        }
    });
    if (!whole || !is_good || !started || status.version.empty()) return std::nullopt;
    status.started = *started;
    return status;
}

std::string prometheus_text(const std::optional<AgentStatus>& status) {
    std::string text;
    add_number(text, "mailctl_agent_up", "gauge", "Whether the delivery agent answers on its status socket.",
               status ? 1 : 0);
    if (!status) return text;
    add_metric(text, "mailctl_agent_info", "gauge", "The version of the running delivery agent.");
    text += fmt::format("mailctl_agent_info{{version=\"{}\"}} 1\n", label_value(status->version));
    const auto started = std::chrono::floor<std::chrono::seconds>(status->started).time_since_epoch().count();
    add_number(text, "mailctl_agent_start_time_seconds", "gauge", "When the agent started, in seconds since 1970.",
               static_cast<std::uint64_t>(std::max<std::int64_t>(0, started)));
    add_number(text, "mailctl_agent_generation", "gauge", "The compiled directory that the agent answers from.",
               status->generation);
    add_metric(text, "mailctl_agent_recipients_total", "counter",
               "Recipients since the start, by the agent's last word on each.");
    for (const auto& [result, count] :
         {std::pair{"delivered", status->delivered}, {"deferred", status->deferred}, {"refused", status->refused}})
        text += fmt::format("mailctl_agent_recipients_total{{result=\"{}\"}} {}\n", result, count);
    add_number(text, "mailctl_agent_replies_total", "counter",
               "Replies of robots and autoreplies sent since the start.", status->replies);
    add_number(text, "mailctl_agent_waiting", "gauge", "Replies, warnings and counts that are not done yet.",
               status->waiting);
    add_metric(text, "mailctl_agent_policy_answers_total", "counter",
               "Answers to Postfix at RCPT since the start: refusals, and all others.");
    for (const auto& [answer, count] :
         {std::pair{"refused", status->turned_away}, {"passed", status->asked - status->turned_away}})
        text += fmt::format("mailctl_agent_policy_answers_total{{answer=\"{}\"}} {}\n", answer, count);
    return text;
}

} // namespace mailctl
