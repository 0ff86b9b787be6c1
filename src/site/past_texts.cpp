// SPDX-License-Identifier: Apache-2.0
// Old texts, from the applied ones and the patches since.
#include "mailctl/site/past_texts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

Result<std::vector<HistoryRecord>> records_since(const SiteView& view, std::uint64_t id) {
    constexpr std::size_t batch = 100;
    const auto& history = view.paths().history;
    std::vector<HistoryRecord> records;
    if (view.pending() && view.pending()->id >= id) records.push_back(*view.pending());
    if (view.pending() && view.pending()->id == id) return records;
    TRY_ASSIGN(auto oldest, load_record(history, id));
    for (std::uint64_t before = 0;;) {
        TRY_ASSIGN(auto some, list_records(history, batch, before));
        for (auto& record : some)
            if (record.id > id) records.push_back(std::move(record));
        if (some.size() < batch || some.back().id <= id) break;
        before = some.back().id;
    }
    records.push_back(std::move(oldest));
    std::reverse(records.begin(), records.end());
    return records;
}

Result<std::vector<PastStep>> past_steps(const SiteView& view, const std::vector<HistoryRecord>& records,
                                         const SourceFile& file) {
    std::vector<PastStep> steps;
    TRY_ASSIGN(auto text, view.find_applied_text(file));
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        if (!touches(*record, file)) continue;
        TRY_ASSIGN(auto texts, text_change(*record, file, text));
        if (!texts)
            return fail(ErrorKind::conflict,
                        fmt::format("history of '{}' does not lead back to change {}", file.path(view.paths()),
                                    records.front().id),
                        "undo it by hand; 'mailctl history show' has the lines");
        text = texts->before;
        steps.push_back({record->id, std::move(*texts)});
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
}

} // namespace mailctl
