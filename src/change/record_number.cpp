// SPDX-License-Identifier: Apache-2.0
// From the files of the history and the compiled directory.
#include "record_number.hpp"

#include "mailctl/site/compiled.hpp"

#include <algorithm>

namespace mailctl {

Result<std::uint64_t> next_record_number(const Paths& paths, const Site& site) {
    TRY_ASSIGN(const auto id, next_record_id(paths.history));
    auto directory = Directory::open(paths.directory);
    if (!directory && directory.error().kind != ErrorKind::missing) return fail(std::move(directory).error());
    if (!directory) return id;
    TRY_ASSIGN(const auto generation, generation_of(*directory, site));
    return std::max(id, generation + 1);
}

Status save_record(const Paths& paths, const HistoryRecord& record) {
    auto saved = save_pending(paths.history, record);
    if (saved) return saved;
    // It may have become visible all the same; taken back it never was.
    if (auto dropped = drop_pending(paths.history); !dropped) return fail(dropped.error());
    return saved;
}

} // namespace mailctl
