// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mailctl {

// An array of texts as PostgreSQL writes it, whatever they hold.
[[nodiscard]] std::string sql_array(const std::vector<std::string>& texts);

} // namespace mailctl
