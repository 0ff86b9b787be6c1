// SPDX-License-Identifier: Apache-2.0
// `mailctl node status`: what nodes and front ends reported last.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

namespace mailctl {

// A row for each node that is published and for each front end that ever reported. Lag: generations it is behind.
// temporary: the database cannot be reached.
[[nodiscard]] Result<Report> show_node_status(const World& world);

} // namespace mailctl
