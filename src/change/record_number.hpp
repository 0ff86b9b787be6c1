// SPDX-License-Identifier: Apache-2.0
// The next record of the history, and the moment a change counts.
#pragma once

#include "mailctl/os/paths.hpp"
#include "mailctl/store/history.hpp"

#include <cstdint>

namespace mailctl {

// Generations only rise, also when the history was lost.
[[nodiscard]] Result<std::uint64_t> next_record_number(const Paths& paths, const Site& site);
// save_pending, or nothing: a record that could not be written whole is taken back.
[[nodiscard]] Status save_record(const Paths& paths, const HistoryRecord& record);

} // namespace mailctl
