// SPDX-License-Identifier: Apache-2.0
// `mailctl history revert`: the reverse of an old change, carried over all that came after it, as a new change.
#include "mailctl/admin/history.hpp"
#include "mailctl/change/changes.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/site/name_guard.hpp"
#include "mailctl/site/past_texts.hpp"

#include <fmt/format.h>

#include <algorithm>

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

// The steps whose work lasts, the undone one first: where the text comes back to what it was, whatever lies between was
// undone itself. That makes reverting from the end always work, last-first.
std::vector<PastStep> lasting(const std::vector<PastStep>& steps) {
    const auto hash = [](const SourceText& text) { return text ? digest(*text) : std::string(); };
    std::map<std::string, std::size_t> last; // step that left this text
    for (std::size_t i = 0; i < steps.size(); ++i)
        last[hash(steps[i].texts.after)] = i;
    std::vector<PastStep> left;
    for (std::size_t i = 0; i < steps.size(); i = last.at(hash(left.back().texts.after)) + 1)
        left.push_back(steps[i]);
    return left;
}

// Making or removing a file can only be undone while nothing else has happened to it.
Result<FileAction> whole_file(const SourceFile& file, const std::vector<PastStep>& steps, const SourceText& found) {
    const auto& undone = steps.front();
    if (steps.size() > 1) return fail(touched_since(file, undone.id, fmt::format("change {}", steps[1].id)));
    if (found != undone.texts.after) return fail(touched_since(file, undone.id, "an edit by hand"));
    if (!undone.texts.before) return RemoveFile{};
    return *undone.texts.before;
}

Result<FileAction> reverse(const SourceFile& file, const std::vector<PastStep>& all, const SourceText& found) {
    const auto steps = lasting(all);
    const auto& undone = steps.front();
    if (found == undone.texts.before) return FileAction(std::vector<Edit>{}); // somebody was here before us
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

// Mail that went because an edit by hand left its mailbox out, and whose mailbox is there again already.
Result<std::vector<MailOrder>> mail_to_bring_back(const SiteView& view, const HistoryRecord& record) {
    std::vector<MailOrder> orders;
    const auto id = record.id;
    NameGuard guard(view);
    TRY_ASSIGN(const auto tombstones, guard.archived_by(id));
    for (const auto& tombstone : tombstones) {
        const bool is_ours =
            !tombstone.archive->starts_with('/') && mail_order::was_left_out(record, tombstone.address);
        TRY_ASSIGN(const auto domain, view.find_applied_domain(tombstone.address.domain));
        if (is_ours && domain && domain->mailboxes.contains(tombstone.address.local.text()))
            orders.push_back(mail_order::restore(tombstone.address, id));
    }
    return orders;
}

void add_missing(std::vector<MailOrder>& orders, const std::vector<MailOrder>& more) {
    for (const auto& order : more)
        if (std::ranges::find(orders, order) == orders.end()) orders.push_back(order);
}

} // namespace

Result<Report> revert_change(const World& world, std::uint64_t id, const ChangeOptions& options) {
    return change(world, options, [&](const SiteView& view) -> Result<ChangePlan> {
        TRY_ASSIGN(const auto records, records_since(view, id));
        TRY_ASSIGN(const auto files, files_of(records.front()));
        if (files.empty() && records.front().mail.empty())
            return fail(ErrorKind::conflict, fmt::format("change {} was one of DKIM keys, which goes no way back", id),
                        "see 'mailctl dkim list'");
        ChangePlan plan;
        plan.reverts = id;
        TRY_ASSIGN(plan.mail, mail_order::undoing(records.front()));
        TRY_ASSIGN(const auto mail, mail_to_bring_back(view, records.front()));
        add_missing(plan.mail, mail);
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
