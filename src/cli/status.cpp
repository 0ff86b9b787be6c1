// SPDX-License-Identifier: Apache-2.0
// `mailctl status`: the running agent.
#include "mailctl/admin/care/agent_status.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_status(Invocation& invocation) {
    const auto form = invocation.arguments.has("prometheus") ? StatusForm::prometheus : StatusForm::rows;
    return show_agent_status(invocation.world, invocation.version, form);
}

} // namespace

Noun status_noun() {
    return {.name = "status",
            .summary = "the running delivery agent",
            .commands = {{.noun = "status",
                          .verb = "",
                          .summary = "show how the running agent is",
                          .positionals = {},
                          .options = {{.long_name = "prometheus", .value = "", .help = "as text for Prometheus"}},
                          .examples = {{"mailctl status", "version, generation, and what it did since it started"},
                                       {"mailctl status --prometheus > /var/lib/prometheus/node-exporter/mailctl.prom",
                                        "from a timer, for the collector of text files"}},
                          .access = Access::read,
                          .right = Right::site,
                          .run = run_status,
                          .details = {"Status 3: no agent answers. For Prometheus that is a value (mailctl_agent_up 0) "
                                      "and no failure."}}},
            .also = {"uptime", "metrics", "monitoring", "prometheus"}};
}

} // namespace mailctl
