// SPDX-License-Identifier: Apache-2.0
// `mailctl history list` and `show`.
#include "mailctl/admin/history.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/change/dry_run.hpp"
#include "mailctl/change/look_ups.hpp"
#include "mailctl/report/unified_diff.hpp"
#include "mailctl/site/past_texts.hpp"

#include <fmt/format.h>

#include <limits>

namespace mailctl {

namespace {

std::vector<std::string> file_names(const HistoryRecord& record) {
    std::vector<std::string> names;
    for (const auto& change : record.files)
        if (names.empty() || names.back() != change.path) names.push_back(change.path);
    return names;
}

Cells row_of(const HistoryRecord& record) {
    return {
        {"id", static_cast<std::int64_t>(record.id)},
        {"time", record.time},
        {"actor", record.actor},
        {"command", record.command},
        {"reason", record.reason},
        {"files", file_names(record), true, false},
        {"reverts", record.reverts ? CellValue(static_cast<std::int64_t>(*record.reverts)) : CellValue{}, true, false}};
}

std::string diff_of(const SourceFile& file, const TextChange& texts) {
    const std::string name = file.relative();
    return hide_hashes(unified_diff(texts.before.value_or(""), texts.after.value_or(""),
                                    texts.before ? name : "/dev/null", texts.after ? name : "/dev/null"));
}

// Where the texts of then can't be had any more, the recorded lines alone, without their places.
std::string lines_of(const HistoryRecord& record, const SourceFile& file) {
    std::string text;
    const auto add = [&](char mark, std::string_view lines) {
        if (lines.empty()) return;
        for (const auto line : split(lines.ends_with('\n') ? lines.substr(0, lines.size() - 1) : lines, '\n'))
            text += fmt::format("{}{}\n", mark, line);
    };
    for (const auto& change : record.files) {
        if (change.path != file.relative()) continue;
        text += fmt::format("--- {}\n+++ {}\n", change.before_digest ? change.path : "/dev/null",
                            change.after_digest ? change.path : "/dev/null");
        for (const auto& hunk : change.patch) {
            add('-', hunk.removed);
            add('+', hunk.inserted);
        }
    }
    return hide_hashes(text);
}

Result<std::string> diff_of(const SiteView& view, const std::vector<HistoryRecord>& records, const SourceFile& file,
                            std::vector<std::string>& notes) {
    auto steps = past_steps(view, records, file);
    if (steps) return diff_of(file, steps->front().texts);
    if (steps.error().kind != ErrorKind::conflict) return fail(std::move(steps).error());
    notes.push_back(steps.error().what + ": its lines are shown without their places");
    return lines_of(records.front(), file);
}

std::string heading_of(const HistoryRecord& record, const std::string& time_zone) {
    std::string text =
        fmt::format("change  {}\ntime    {}\nactor   {}\ncommand {}\n", record.id,
                    minute_in_zone(record.time, time_zone), printable(record.actor), printable(record.command));
    if (!record.reason.empty()) text += fmt::format("reason  {}\n", printable(record.reason));
    if (record.reverts) text += fmt::format("reverts {}\n", *record.reverts);
    return text + '\n';
}

} // namespace

Result<Report> list_history(const World& world, std::size_t limit) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("change");
        const std::size_t wanted = limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
        if (view.pending()) report.rows.push_back(row_of(*view.pending()));
        std::vector<std::string> damaged;
        TRY_ASSIGN(const auto records, list_records(view.paths().history, wanted, 0, &damaged));
        for (const auto& file : damaged)
            report.notes.push_back(fmt::format("'{}' is damaged: put it back from a backup; that change can neither be "
                                               "shown nor reverted, all others can",
                                               file));
        for (const auto& record : records)
            if (report.rows.size() < wanted) report.rows.push_back(row_of(record));
        return report;
    });
}

Result<std::string> command_of_change(const World& world, std::uint64_t id) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto records, records_since(view, id));
    return records.front().command;
}

Result<Report> show_change(const World& world, std::uint64_t id) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto records, records_since(view, id));
        const auto& record = records.front();
        Report report = report_of("change", Layout::text);
        report.text = heading_of(record, view.site().time_zone);
        TRY_ASSIGN(const auto files, files_of(record));
        if (files.empty()) report.rows.push_back(row_of(record));
        for (const auto& file : files) {
            TRY_ASSIGN(const auto diff, diff_of(view, records, file, report.notes));
            report.text += diff;
            report.rows.push_back(row_of(record));
            report.rows.back().push_back({"file", file.relative()});
            report.rows.back().push_back({"diff", diff});
        }
        return report;
    });
}

} // namespace mailctl
