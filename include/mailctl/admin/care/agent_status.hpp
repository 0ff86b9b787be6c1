// SPDX-License-Identifier: Apache-2.0
// `mailctl status`: what the running agent says of itself.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

enum class StatusForm { rows, prometheus };

// One row of type "status": id ("agent"), version, generation, current (whether that is the compiled directory's),
// started, uptime (seconds), delivered, deferred, refused, replies, waiting, process, asked, turned_away. missing: no
// agent answers; in the text for Prometheus that is a value. Notes where the agent is not of `version`, or behind the
// compiled directory.
[[nodiscard]] Result<Report> show_agent_status(const World& world, const std::string& version, StatusForm form);

} // namespace mailctl
