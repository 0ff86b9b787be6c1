// `mailctl history revert`: the reverse of an old change, carried over all that came after it, as a new change.
#include "mailctl/admin/changes.hpp"
#include "mailctl/admin/history.hpp"
#include "mailctl/admin/mail_moves.hpp"
#include "mailctl/admin/past_texts.hpp"
#include "mailctl/admin/targets.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

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
Result<FileAction> whole_file(const SourceFile& file, const std::vector<PastStep>& steps, const SourceText& found) {
    const auto& undone = steps.front();
    if (steps.size() > 1) return fail(touched_since(file, undone.id, fmt::format("change {}", steps[1].id)));
    if (found != undone.texts.after) return fail(touched_since(file, undone.id, "an edit by hand"));
    if (!undone.texts.before) return RemoveFile{};
    return *undone.texts.before;
}

Result<FileAction> reverse(const SourceFile& file, const std::vector<PastStep>& steps, const SourceText& found) {
    const auto& undone = steps.front();
    if (!undone.texts.before || !undone.texts.after || !found) return whole_file(file, steps, found);
    Patch patch = patch_between(undone.texts.after, undone.texts.before);
    for (auto step = steps.begin() + 1; step != steps.end(); ++step) {
        auto moved =
            move_patch(patch, patch_between(step->texts.before, step->texts.after), text_or_empty(step->texts.before));
        if (!moved) return fail(touched_since(file, undone.id, fmt::format("change {}", step->id)));
        patch = std::move(*moved);
    }
    const auto& applied = steps.back().texts.after;
    auto moved = move_patch(patch, patch_between(applied, found), text_or_empty(applied));
    if (!moved) return fail(touched_since(file, undone.id, "an edit by hand"));
    TRY_ASSIGN(auto text, apply_patch(*found, *moved));
    return FileAction(std::move(text));
}

} // namespace

Result<Report> revert_change(const World& world, std::uint64_t id, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto records, records_since(view, id));
        TRY_ASSIGN(const auto files, files_of(records.front()));
        ChangePlan plan;
        plan.reverts = id;
        TRY_ASSIGN(plan.mail, mail_order::undoing(records.front()));
        for (const auto& file : files) {
            TRY_ASSIGN(const auto steps, past_steps(view, records, file));
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
