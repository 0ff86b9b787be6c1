// `mailctl history revert`: the reverse of an old change, carried over all that came after it, as a new change.
#include "mailctl/admin/changes.hpp"
#include "mailctl/admin/history.hpp"
#include "mailctl/admin/targets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

// The record of `id` and all later ones, oldest first.
Result<std::vector<HistoryRecord>> records_since(const std::string& history, std::uint64_t id) {
    constexpr std::size_t batch = 100;
    std::vector<HistoryRecord> records;
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

struct Step { // what one record did to the file
    std::uint64_t id;
    TextChange texts;
};

// The texts of `file` before and after each record that touched it, walked back from what is applied now.
Result<std::vector<Step>> steps_of(const SiteView& view, const std::vector<HistoryRecord>& records,
                                   const SourceFile& file) {
    std::vector<Step> steps;
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

std::string_view text_or_empty(const SourceText& text) { return text ? std::string_view(*text) : std::string_view(); }
Patch patch_between(const SourceText& before, const SourceText& after) {
    return make_patch(text_or_empty(before), text_or_empty(after));
}

Error touched_since(const SourceFile& file, std::uint64_t reverted, const std::string& by) {
    return {ErrorKind::conflict,
            fmt::format("cannot revert change {}: {} touched the same lines of '{}'", reverted, by, file.relative()),
            "revert the later change first, or edit the file by hand and run 'mailctl apply'", 0};
}

// Making or removing a file can only be undone while nothing else has happened to it.
Result<FileAction> whole_file(const SourceFile& file, const std::vector<Step>& steps, const SourceText& found) {
    const auto& undone = steps.front();
    if (steps.size() > 1) return fail(touched_since(file, undone.id, fmt::format("change {}", steps[1].id)));
    if (found != undone.texts.after) return fail(touched_since(file, undone.id, "an edit by hand"));
    if (!undone.texts.before) return FileAction(RemoveFile{});
    return FileAction(*undone.texts.before);
}

Result<FileAction> reverse(const SourceFile& file, const std::vector<Step>& steps, const SourceText& found) {
    const auto& undone = steps.front();
    if (!undone.texts.before || !undone.texts.after || !found) return whole_file(file, steps, found);
    Patch patch = patch_between(undone.texts.after, undone.texts.before);
    for (auto step = steps.begin() + 1; step != steps.end(); ++step) {
        auto moved = move_patch(patch, patch_between(step->texts.before, step->texts.after));
        if (!moved) return fail(touched_since(file, undone.id, fmt::format("change {}", step->id)));
        patch = std::move(*moved);
    }
    auto moved = move_patch(patch, patch_between(steps.back().texts.after, found));
    if (!moved) return fail(touched_since(file, undone.id, "an edit by hand"));
    TRY_ASSIGN(auto text, apply_patch(*found, *moved));
    return FileAction(std::move(text));
}

} // namespace

Result<Report> revert_change(const World& world, std::uint64_t id, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto records, records_since(view.paths().history, id));
        TRY_ASSIGN(const auto files, files_of(records.front()));
        ChangePlan plan;
        plan.reverts = id;
        for (const auto& file : files) {
            TRY_ASSIGN(const auto steps, steps_of(view, records, file));
            TRY_ASSIGN(const auto found, view.find_text(file));
            TRY_ASSIGN(auto action, reverse(file, steps, found));
            plan.files.emplace(file, std::move(action));
        }
        plan.report = report_of("change", Layout::text);
        plan.report.rows.push_back({{"id", static_cast<std::int64_t>(id)}, {"done", std::string("reverted")}});
        plan.report.notes.push_back(fmt::format("reverted change {}", id));
        return plan;
    });
}

} // namespace mailctl
