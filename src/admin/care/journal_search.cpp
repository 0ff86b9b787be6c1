// SPDX-License-Identifier: Apache-2.0
// The journal is small beside the mail it tells of: it is read from its beginning, no index is kept.
#include "mailctl/admin/care/journal_search.hpp"

#include "log_lines.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/logs/agent_journal.hpp"
#include "mailctl/os/byte_source.hpp"
#include "mailctl/os/process.hpp"
#include "track_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

using Ranges = std::vector<AddressRange>;

struct JournalFilter {
    std::optional<Ranges> address, from, to, domain, own;
    std::optional<std::string> id, status;
    std::optional<Instant> since, until;
};

// "ann@example.org/Folder" without the folder.
std::string_view mailbox_of(std::string_view where) {
    const std::size_t at = where.find('@');
    return at == std::string_view::npos ? where : where.substr(0, where.find('/', at));
}

bool touches(const Ranges& ranges, const JournalRecord& record) {
    return holds_any(ranges, record.sender) || holds_any(ranges, record.recipient) ||
           (!record.where.empty() && holds_any(ranges, mailbox_of(record.where)));
}

bool passes_journal(const JournalFilter& filter, const JournalRecord& record) {
    if ((filter.since && record.time < *filter.since) || (filter.until && record.time >= *filter.until)) return false;
    if (filter.status && record.result != *filter.status) return false;
    if (filter.id && record.id != *filter.id && bare_message_id(record.message_id) != bare_message_id(*filter.id))
        return false;
    if (filter.from && !holds_any(*filter.from, record.sender)) return false;
    if (filter.to && !holds_any(*filter.to, record.recipient)) return false;
    for (const auto* ranges : {&filter.address, &filter.domain, &filter.own})
        if (*ranges && !touches(**ranges, record)) return false;
    return true;
}

Status set_addresses(const std::optional<std::string>& word, std::optional<Ranges>& ranges) {
    if (!word) return {};
    TRY_ASSIGN(ranges, addresses_named(*word));
    return {};
}

Result<JournalFilter> journal_filter(const SiteView& view, const JournalSearch& search, Instant now) {
    JournalFilter filter;
    TRY(set_addresses(search.address, filter.address));
    TRY(set_addresses(search.from, filter.from));
    TRY(set_addresses(search.to, filter.to));
    if (search.domain) {
        TRY_ASSIGN(filter.domain, addresses_of_domain(view, *search.domain));
    }
    TRY_ASSIGN(filter.own, addresses_of_role(view));
    filter.id = search.id;
    filter.status = search.status;
    if (search.since) {
        TRY_ASSIGN(filter.since, read_time(*search.since, now, DayPart::beginning));
    }
    if (search.until) {
        TRY_ASSIGN(filter.until, read_time(*search.until, now, DayPart::end));
    }
    return filter;
}

// The journal's object in a line of its own file, of a log, or of journalctl.
std::optional<JournalRecord> record_in(std::string_view line) {
    const auto begin = line.starts_with('{') ? 0 : line.find(": {");
    if (begin == std::string_view::npos) return std::nullopt;
    const auto object = line.substr(begin == 0 ? 0 : begin + 2);
    if (begin != 0 && line.substr(0, begin).find(agent_program) == std::string_view::npos) return std::nullopt;
    if (auto record = read_journal_record(object)) return record;
    const auto journald = begin == 0 ? read_journald_line(object) : std::nullopt;
    return journald && journald->program == agent_program ? read_journal_record(journald->text) : std::nullopt;
}

// The newest of what was found, for the mail user writes the journal and could fill the memory with it.
class FoundDecisions {
  public:
    void add(JournalRecord record, std::size_t size) {
        records_.push_back(std::move(record));
        size_ += size + sizeof(JournalRecord);
        if (size_ > most_) drop_older_half();
    }
    std::vector<JournalRecord> take() {
        std::ranges::stable_sort(records_, std::greater<>(), &JournalRecord::time);
        return std::move(records_);
    }
    [[nodiscard]] bool are_all() const { return are_all_; }

  private:
    void drop_older_half() {
        std::ranges::stable_sort(records_, std::greater<>(), &JournalRecord::time);
        records_.resize((records_.size() + 1) / 2);
        size_ /= 2;
        are_all_ = false;
    }

    static constexpr std::size_t most_ = std::size_t{256} << 20;
    std::vector<JournalRecord> records_;
    std::size_t size_ = 0;
    bool are_all_ = true;
};

Status read_records(ByteSource& bytes, std::string_view path, const JournalFilter& filter, FoundDecisions& found) {
    return for_each_whole_line(bytes, path, [&](std::string_view line) {
        auto record = record_in(line);
        if (record && passes_journal(filter, *record)) found.add(std::move(*record), line.size());
    });
}

Cells cells_of_decision(const JournalRecord& record) {
    const auto text = [](const std::string& value) { return value.empty() ? CellValue{} : CellValue{value}; };
    return {{.key = "id", .value = record.id, .in_table = false},
            {.key = "time", .value = record.time},
            {.key = "message_id", .value = text(record.message_id), .in_table = false},
            {.key = "sender", .value = record.sender.empty() ? "<>" : record.sender},
            {.key = "recipient", .value = record.recipient},
            {.key = "result", .value = record.result},
            {.key = "where", .value = text(record.where)},
            {.key = "status", .value = text(record.status)},
            {.key = "why", .value = text(record.why)},
            {.key = "size", .value = ByteCount{record.size}, .in_table = false}};
}

} // namespace

Result<Report> search_journal(const World& world, const JournalSearch& search) {
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto filter, journal_filter(view, search, world.clock()));
    Report report{.type = "decision", .layout = Layout::table, .rows = {}, .text = {}, .notes = {}};
    FoundDecisions found;
    auto files = journal_files(view);
    const auto& setting = view.site().delivery.journal;
    const bool has_own_file = setting.starts_with('/') || (setting.empty() && !view.paths().journal.empty());
    if (!has_own_file)
        for (const auto& pattern : view.site().track.logs)
            for (auto& path : files_matching(pattern))
                files.push_back(std::move(path));
    for (const auto& path : files) {
        auto log = open_log(path);
        const auto read = log ? read_records(*log->bytes, path, filter, found) : Status(fail(log.error()));
        if (read) continue;
        report.notes.push_back(read.error().what);
        report.status = exit_code(ErrorKind::partial);
    }
    if (files.empty() && !has_own_file) {
        TRY_ASSIGN(auto output, read_output_of({"journalctl", "--output=json", "--no-pager", "--quiet",
                                                fmt::format("SYSLOG_IDENTIFIER={}", agent_program)}));
        TRY(read_records(*output, "journald", filter, found));
    }
    if (!found.are_all()) {
        report.notes.emplace_back(
            "more was found than fits into memory, and only the newest is shown: narrow the search");
        report.status = exit_code(ErrorKind::partial);
    }
    for (const auto& record : found.take())
        report.rows.push_back(cells_of_decision(record));
    return report;
}

} // namespace mailctl
