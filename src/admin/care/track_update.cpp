// SPDX-License-Identifier: Apache-2.0
// `track update`: which logs, and what is said of them.
#include "mailctl/admin/care/track.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/site/site_view.hpp"
#include "track_reader.hpp"
#include "track_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::chrono::seconds update_patience{10}; // for another update

struct LogChoice {
    std::vector<std::string> files;
    bool journald = false;
};

Result<LogChoice> choose_logs(const SiteView& view, const TrackUpdate& request) {
    LogChoice choice{request.logs, request.journald};
    for (const auto& path : request.logs) {
        TRY_ASSIGN(const auto stamp, find_stamp(path));
        if (!stamp) return fail(ErrorKind::missing, fmt::format("no such log: '{}'", printable(path)));
    }
    if (request.logs.empty() && !request.journald) {
        for (const auto& pattern : view.site().track.logs)
            for (auto& path : files_matching(pattern))
                choice.files.push_back(std::move(path));
        choice.journald = choice.files.empty(); // Debian 12 and later install no syslog daemon
    }
    for (auto& path : journal_files(view))
        choice.files.push_back(std::move(path));
    std::ranges::sort(choice.files);
    choice.files.erase(std::unique(choice.files.begin(), choice.files.end()), choice.files.end());
    return choice;
}

Cells row_of_log(const LogTally& tally) {
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    return {{.key = "log", .value = tally.log},
            {.key = "lines", .value = number(tally.lines)},
            {.key = "bad", .value = number(tally.bad)},
            {.key = "old", .value = number(tally.old)},
            {.key = "problem", .value = tally.problem.empty() ? CellValue{} : CellValue{tally.problem}}};
}

void add_bad_lines(Report& report, const TrackReader& reader) {
    std::uint64_t bad = 0;
    for (const auto& row : report.rows)
        bad += static_cast<std::uint64_t>(std::get<std::int64_t>(row[2].value));
    if (bad == 0) return;
    report.notes.push_back(fmt::format("{} {} could not be read{}", bad, bad == 1 ? "line" : "lines",
                                       reader.bad_lines().empty() ? "; -v shows them" : ":"));
    for (const auto& line : reader.bad_lines())
        report.notes.push_back("  " + line);
}

Error nothing_to_read(Error error) {
    error.what = "no log matches track.logs, and journald cannot be asked: " + error.what;
    error.hint = "mailctl config set track.logs=PATTERN, or name the logs: mailctl track update LOG...";
    return error;
}

// Said before a database is made: whether there is one tells whether logs are read at this site.
Status expect_a_log(const LogChoice& choice, const TrackUpdate& request) {
    if (!choice.files.empty() || request.journald) return {};
    if (auto asked = run({"journalctl", "--version"}); !asked) return fail(nothing_to_read(std::move(asked.error())));
    return {};
}

Result<std::vector<LogTally>> read_chosen(TrackReader& reader, const LogChoice& choice, const TrackUpdate& request) {
    TRY_ASSIGN(auto tallies, reader.read_files(choice.files));
    if (!choice.journald) return tallies;
    auto journald = reader.read_journald();
    if (journald) {
        tallies.push_back(std::move(*journald));
    } else if (request.journald || tallies.empty()) {
        return fail(request.journald ? journald.error() : nothing_to_read(journald.error()));
    }
    return tallies;
}

} // namespace

std::vector<std::string> journal_files(const SiteView& view) {
    const auto& setting = view.site().delivery.journal;
    const auto& path = setting.empty() ? view.paths().journal : setting;
    return path.starts_with('/') ? files_matching(path + "*") : std::vector<std::string>{};
}

Result<Report> update_track(const World& world, const TrackUpdate& request) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto choice, choose_logs(view, request));
    TRY(expect_a_log(choice, request));
    const auto& settings = view.site().track;
    const Instant now = world.clock();
    TRY_ASSIGN(const auto lock, Lock::acquire(view.paths().track + ".lock", update_patience, world.command_line));
    TRY_ASSIGN(const auto store, TrackStore::open_to_write(view.paths().track));
    const TrackReading reading{now, now - settings.keep, request.bad_lines_shown};
    TRY_ASSIGN(auto reader, TrackReader::open(*store, reading));
    TRY_ASSIGN(const auto tallies, read_chosen(reader, choice, request));
    TRY_ASSIGN(auto transaction, store->begin());
    TRY(store->make_indexes());
    TRY(store->forget_before(reading.keep_from));
    bool shrunk = false;
    if (settings.max_size.bytes != 0) {
        TRY_ASSIGN(shrunk, store->shrink_to(settings.max_size));
    }
    TRY(transaction.commit());
    Report report{.type = "track_update", .layout = Layout::table, .rows = {}, .text = {}, .notes = {}};
    for (const auto& tally : tallies) {
        report.rows.push_back(row_of_log(tally));
        if (!tally.problem.empty()) report.status = exit_code(ErrorKind::partial);
    }
    add_bad_lines(report, reader);
    if (shrunk)
        report.notes.push_back(
            fmt::format("the oldest messages were dropped: track.max_size is {}", format_size(settings.max_size)));
    return report;
}

} // namespace mailctl
