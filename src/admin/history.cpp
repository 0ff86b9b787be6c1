// `mailctl history list` and `show`.
#include "mailctl/admin/history.hpp"

#include "mailctl/admin/dry_run.hpp"
#include "mailctl/admin/targets.hpp"
#include "mailctl/base/text.hpp"

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
        {"time", format_rfc3339(record.time)},
        {"actor", record.actor},
        {"command", record.command},
        {"reason", record.reason},
        {"files", file_names(record), true, false},
        {"reverts", record.reverts ? CellValue(static_cast<std::int64_t>(*record.reverts)) : CellValue{}, true, false}};
}

void add_lines(std::string& text, char mark, std::string_view lines) {
    for (const auto line : split(lines.ends_with('\n') ? lines.substr(0, lines.size() - 1) : lines, '\n'))
        text += fmt::format("{}{}\n", mark, line);
}

// Lines without context: the texts of then are gone, and the lines that went and came are all that was recorded.
std::string patch_text(const FileChange& change) {
    std::string text = fmt::format("--- {}\n+++ {}\n", change.before_digest ? change.path : "/dev/null",
                                   change.after_digest ? change.path : "/dev/null");
    for (const auto& hunk : change.patch) {
        text += fmt::format("@@ byte {} @@\n", hunk.offset);
        if (!hunk.removed.empty()) add_lines(text, '-', hunk.removed);
        if (!hunk.inserted.empty()) add_lines(text, '+', hunk.inserted);
    }
    return hide_hashes(text);
}

Result<HistoryRecord> find_record(const SiteView& view, std::uint64_t id) {
    if (view.pending() && view.pending()->id == id) return *view.pending();
    return load_record(view.paths().history, id);
}

} // namespace

Result<Report> list_history(const World& world, std::size_t limit) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        Report report = report_of("change");
        const std::size_t wanted = limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
        if (view.pending()) report.rows.push_back(row_of(*view.pending()));
        TRY_ASSIGN(const auto records, list_records(view.paths().history, wanted));
        for (const auto& record : records)
            if (report.rows.size() < wanted) report.rows.push_back(row_of(record));
        return report;
    });
}

Result<Report> show_change(const World& world, std::uint64_t id) {
    return read_site(world, [&](const SiteView& view) -> Result<Report> {
        TRY_ASSIGN(const auto record, find_record(view, id));
        Report report = report_of("change", Layout::text);
        report.text = fmt::format("change  {}\ntime    {}\nactor   {}\ncommand {}\n", record.id,
                                  format_rfc3339(record.time), printable(record.actor), printable(record.command));
        if (!record.reason.empty()) report.text += fmt::format("reason  {}\n", printable(record.reason));
        if (record.reverts) report.text += fmt::format("reverts {}\n", *record.reverts);
        std::string diff;
        for (const auto& change : record.files)
            diff += patch_text(change);
        report.text += '\n' + diff;
        report.rows.push_back(row_of(record));
        report.rows.back().push_back({"diff", diff});
        return report;
    });
}

} // namespace mailctl
