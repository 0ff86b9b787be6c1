// SPDX-License-Identifier: Apache-2.0
// The agent is asked on its socket; the compiled directory says whether it is up to date.
#include "mailctl/admin/care/agent_status.hpp"

#include "mailctl/exchange/logs/agent_status.hpp"
#include "mailctl/os/text_socket.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/directory.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::chrono::seconds status_patience{5};

Result<AgentStatus> ask_agent(const Paths& paths) {
    auto line = read_text_socket(paths.status_socket, status_patience);
    if (!line) {
        auto error = line.error();
        if (error.kind == ErrorKind::missing) {
            error.what = fmt::format("no agent answers on '{}'", paths.status_socket);
            error.hint = paths.root.empty() ? "systemctl start mailctl-deliver" : "mailctl-deliver lmtp";
        }
        return fail(std::move(error));
    }
    if (auto status = read_agent_status(*line)) return std::move(*status);
    return fail(ErrorKind::failed, fmt::format("what answers on '{}' is no agent of mailctl", paths.status_socket));
}

Result<Report> status_for_prometheus(const World& world) {
    const auto status = ask_agent(world.paths);
    if (!status && status.error().kind != ErrorKind::missing) return fail(status.error());
    return Report{.type = "status",
                  .layout = Layout::text,
                  .rows = {},
                  .text = prometheus_text(status ? std::optional(*status) : std::nullopt),
                  .notes = {}};
}

Cells row_of_agent(const AgentStatus& status, bool is_current, Instant now) {
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    const auto uptime = std::chrono::floor<std::chrono::seconds>(now - status.started).count();
    return {{.key = "id", .value = "agent", .in_table = false},
            {.key = "version", .value = status.version},
            {.key = "generation", .value = number(status.generation)},
            {.key = "current", .value = is_current},
            {.key = "started", .value = status.started},
            {.key = "uptime", .value = std::int64_t{std::max<std::int64_t>(0, uptime)}},
            {.key = "delivered", .value = number(status.delivered)},
            {.key = "deferred", .value = number(status.deferred)},
            {.key = "refused", .value = number(status.refused)},
            {.key = "replies", .value = number(status.replies)},
            {.key = "waiting", .value = number(status.waiting)},
            {.key = "process", .value = number(status.process)},
            {.key = "asked", .value = number(status.asked)},
            {.key = "turned_away", .value = number(status.turned_away)}};
}

} // namespace

Result<Report> show_agent_status(const World& world, const std::string& version, StatusForm form) {
    if (form == StatusForm::prometheus) return status_for_prometheus(world);
    TRY_ASSIGN(const auto status, ask_agent(world.paths));
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto* compiled, view.compiled());
    const bool is_current = compiled && compiled->generation() == status.generation;
    Report report{.type = "status", .layout = Layout::sheet, .rows = {}, .text = {}, .notes = {}};
    report.rows.push_back(row_of_agent(status, is_current, world.clock()));
    if (status.version != version)
        report.notes.push_back(
            fmt::format("the agent is of version {}, this program of {}: restart the agent", status.version, version));
    if (!is_current) report.notes.emplace_back("the agent has not seen the compiled directory as it is now");
    return report;
}

} // namespace mailctl
