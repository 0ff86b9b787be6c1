// SPDX-License-Identifier: Apache-2.0
// A log is divided into lines here and nowhere else; positions count unpacked bytes. What was read, and how far, is
// committed together: an update that is killed goes on where its last checkpoint was.
#include "track_reader.hpp"

#include "log_lines.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/logs/agent_journal.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/os/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace mailctl {
namespace {

constexpr std::size_t log_chunk = std::size_t{256} << 10;
constexpr std::uint64_t bytes_of_checkpoint = std::uint64_t{4} << 20; // as much again is being written meanwhile
constexpr std::string_view cursor_note = "journald cursor";

Result<std::string> read_head(ByteSource& bytes, std::size_t size) {
    std::string head(size, '\0');
    TRY_ASSIGN(const std::size_t got, bytes.read(head));
    head.resize(got);
    return head;
}

Instant written_at(std::int64_t nanoseconds) { return Instant(std::chrono::microseconds(nanoseconds / 1000)); }

// Where the clock of a log begins whose stamps have no year. Of the lines only those where the month changes matter.
Result<Instant> first_year(const std::string& path, Instant last_written) {
    TRY_ASSIGN(auto log, open_log(path));
    YearWalk walk(system_zone_offset);
    std::string month, last;
    TRY(for_each_whole_line(*log.bytes, path, [&](std::string_view line) {
        const auto parts = split_log_line(line);
        if (!parts || parts->form != StampForm::without_year) return;
        last.assign(parts->stamp);
        if (last.compare(0, 3, month) == 0) return;
        month = last.substr(0, 3);
        walk.pass(last);
    }));
    if (!last.empty()) walk.pass(last);
    return walk.beginning(last_written);
}

// Of the first line that has one.
std::optional<LogLine> first_stamped(std::string_view head) {
    while (!head.empty()) {
        const std::size_t end = std::min(head.find('\n'), head.size());
        if (auto line = split_log_line(head.substr(0, end))) return line;
        head.remove_prefix(std::min(end + 1, head.size()));
    }
    return std::nullopt;
}

} // namespace

struct TrackReader::Stream {
    explicit Stream(LogTally& of) : tally(of) {}
    void consume(std::string_view passed) {
        offset += passed.size();
        tail.append(passed.substr(passed.size() - std::min(passed.size(), log_tail_length)));
        if (tail.size() > log_tail_length) tail.erase(0, tail.size() - log_tail_length);
    }

    ByteSource* bytes = nullptr;
    LogTally& tally;
    LogClock clock{system_zone_offset, Instant{}};
    std::uint64_t offset = 0;
    std::string tail;           // the last bytes before it
    bool ends_lines = false;    // what stands behind the last line end is a line too
    bool is_repeatable = false; // its lines may have come from another log before
    HeardUntil heard_before;
    std::uint64_t saved = 0;             // the offset then
    std::uint64_t number = 0, shown = 0; // lines
    std::string cursor, host;            // cursor: of journald. host: of the last line
    Instant host_heard{};                // until when that host was heard before
    std::function<Result<Progress>(const Stream&)> progress;
    Progress when_read; // besides, at its end
};

Result<TrackReader> TrackReader::open(TrackStore& store, const TrackReading& reading) {
    auto writer = std::make_unique<TrackWriter>(store);
    TRY_ASSIGN(auto book, StoryBook::open(*writer));
    TrackReader reader(store, reading, std::move(writer), std::move(book));
    TRY_ASSIGN(reader.heard_until_, store.heard_until());
    return reader;
}

Result<std::vector<LogTally>> TrackReader::read_files(const std::vector<std::string>& paths) {
    std::vector<Planned> plans;
    std::vector<LogTally> tallies;
    for (const auto& path : paths) {
        auto planned = plan(path);
        if (!planned)
            tallies.push_back({path, 0, 0, 0, planned.error().what});
        else if (*planned)
            plans.push_back(std::move(**planned));
        else
            tallies.push_back({path, 0, 0, 0, {}});
    }
    std::ranges::stable_sort(plans, {}, &Planned::begins);
    for (auto& planned : plans) {
        TRY(read_planned(planned));
        tallies.push_back(std::move(planned.tally));
    }
    return tallies;
}

// Absent: it lies there as when it was read to its end.
Result<std::optional<TrackReader::Planned>> TrackReader::plan(const std::string& path) {
    TRY_ASSIGN(auto log, open_log(path));
    TRY_ASSIGN(const auto seen, store_->find_file(log.device, log.stamp.inode));
    if (seen && seen->size == log.stamp.size && seen->mtime_ns == log.stamp.mtime_ns) return std::nullopt;
    Planned planned{.path = path, .known = {}, .begins = {}, .tally = {path, 0, 0, 0, {}}};
    TRY_ASSIGN(const auto head, read_head(*log.bytes, log_chunk));
    TRY_ASSIGN(planned.known, store_->known_logs());
    std::erase_if(planned.known, [&](const KnownLog& each) {
        return each.head_length > head.size() ||
               hash_of_text(std::string_view(head).substr(0, each.head_length)) != each.head_hash;
    });
    std::ranges::sort(planned.known, std::greater<>(), &KnownLog::offset);
    if (!planned.known.empty()) {
        planned.begins = planned.known.front().last;
        return planned;
    }
    const auto line = first_stamped(head);
    const auto written = written_at(log.stamp.mtime_ns);
    planned.begins = written;
    if (line && line->form == StampForm::without_year) {
        TRY_ASSIGN(planned.begins, first_year(path, written));
    }
    LogClock clock(system_zone_offset, planned.begins);
    if (const auto first = line ? clock.read(line->form, line->stamp) : std::nullopt) planned.begins = *first;
    return planned;
}

// To where the log was read. Where it is none of those that begin like it, but a shorter copy or one that was written
// anew, it is read from its beginning as one whose lines may be known.
Status TrackReader::open_planned(Planned& planned, OpenLog& opened, Stream& stream) {
    for (const auto& known : planned.known) {
        const auto tail_length = std::min<std::uint64_t>(known.offset, log_tail_length);
        TRY_ASSIGN(opened, open_log(planned.path));
        TRY_ASSIGN(const bool is_longer, opened.bytes->skip(known.offset - tail_length));
        if (is_longer) {
            TRY_ASSIGN(stream.tail, read_head(*opened.bytes, tail_length));
        }
        if (is_longer && stream.tail.size() == tail_length && hash_of_text(stream.tail) == known.tail_hash) {
            planned.log = known;
            stream.offset = stream.saved = known.offset;
            stream.clock.continue_from(known.last);
            return {};
        }
        stream.is_repeatable = true;
    }
    stream.tail.clear();
    stream.is_repeatable = true;
    TRY_ASSIGN(opened, open_log(planned.path));
    if (!planned.known.empty()) { // its beginning was not looked for
        TRY_ASSIGN(planned.begins, first_year(planned.path, written_at(opened.stamp.mtime_ns)));
    }
    stream.clock.continue_from(planned.begins);
    return {};
}

Result<TrackReader::Progress> TrackReader::progress_of(Planned& planned, const Stream& stream) const {
    if (stream.offset == 0) return Progress{};
    auto& log = planned.log;
    const auto head_length = std::min<std::uint64_t>(log_head_length, stream.offset);
    if (log.head_length < head_length) {
        TRY_ASSIGN(auto again, open_log(planned.path));
        TRY_ASSIGN(const auto head, read_head(*again.bytes, head_length));
        log.head_length = head.size();
        log.head_hash = hash_of_text(head);
    }
    log.offset = stream.offset;
    log.tail_hash = hash_of_text(stream.tail);
    log.last = stream.clock.last();
    return Progress([&log, now = reading_.now](TrackStore& store) -> Status {
        TRY_ASSIGN(log, store.keep(log, now)); // with its number
        return {};
    });
}

Status TrackReader::read_planned(Planned& planned) {
    OpenLog opened;
    Stream stream(planned.tally);
    if (const auto open = open_planned(planned, opened, stream); !open) {
        planned.tally.problem = open.error().what;
        return {};
    }
    stream.bytes = opened.bytes.get();
    stream.ends_lines = opened.is_compressed;
    stream.progress = [&](const Stream& read) { return progress_of(planned, read); };
    if (const auto read = read_stream(stream); !read) {
        TRY(writer_->settle());
        if (read.error().kind == ErrorKind::temporary) return read; // the database; a log's damage is its own
        planned.tally.problem = read.error().what;
        return finish(stream);
    }
    stream.when_read = [&](TrackStore& store) {
        const auto& stamp = opened.stamp;
        return store.keep(LogFile{opened.device, stamp.inode, stamp.size, stamp.mtime_ns, planned.log.number});
    };
    return finish(stream);
}

Result<LogTally> TrackReader::read_journald() {
    LogTally tally{"journald", 0, 0, 0, {}};
    TRY_ASSIGN(const auto cursor, store_->note(std::string(cursor_note)));
    auto read = read_journald_after(cursor, tally);
    // what the cursor points at may be gone
    if (!read && !cursor.empty() && read.error().kind == ErrorKind::failed && tally.lines == 0)
        read = read_journald_after("", tally);
    TRY(read);
    return tally;
}

Status TrackReader::read_journald_after(const std::string& cursor, LogTally& tally) {
    constexpr std::string_view mail_facility = "SYSLOG_FACILITY=2";
    const auto since = std::chrono::floor<std::chrono::seconds>(reading_.keep_from).time_since_epoch().count();
    std::vector<std::string> argv{"journalctl", "--output=json", "--no-pager", "--quiet"};
    argv.push_back(cursor.empty() ? fmt::format("--since=@{}", std::max<std::int64_t>(0, since))
                                  : "--after-cursor=" + cursor);
    argv.emplace_back(mail_facility);
    TRY_ASSIGN(auto output, read_output_of(argv));
    Stream stream(tally);
    stream.bytes = output.get();
    stream.ends_lines = true;
    stream.is_repeatable = cursor.empty();
    stream.progress = [](const Stream& read) -> Result<Progress> {
        if (read.cursor.empty()) return Progress{};
        return Progress(
            [cursor = read.cursor](TrackStore& store) { return store.keep_note(std::string(cursor_note), cursor); });
    };
    TRY(read_stream(stream));
    return finish(stream);
}

Status TrackReader::read_stream(Stream& stream) {
    stream.heard_before = heard_until_;
    mailctl::Progress progress(fmt::format("reading '{}', lines", stream.tally.log), 0);
    std::string buffer(log_chunk, '\0');
    std::size_t filled = 0;
    bool skipping = false; // in a line without an end
    BarrenStretch barren;
    for (;;) {
        if (buffer.size() - filled < log_chunk) buffer.resize(filled + log_chunk);
        TRY_ASSIGN(const std::size_t got, stream.bytes->read(std::span(buffer).subspan(filled, log_chunk)));
        TRY(barren.pass({buffer.data() + filled, got}, stream.tally.log));
        filled += got;
        const std::string_view whole(buffer.data(), filled);
        std::string_view rest = whole;
        while (!rest.empty()) {
            const auto* end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
            const bool is_last = got == 0 && stream.ends_lines;
            if (!end && rest.size() < longest_line && !is_last) break;
            const std::size_t length = end ? static_cast<std::size_t>(end - rest.data()) : rest.size();
            if (!std::exchange(skipping, !end)) {
                TRY(take_line(stream, rest.substr(0, length)));
            }
            rest.remove_prefix(std::min(length + 1, rest.size()));
        }
        stream.consume(whole.substr(0, whole.size() - rest.size()));
        std::memmove(buffer.data(), rest.data(), rest.size());
        filled = rest.size();
        if (stream.offset - stream.saved >= bytes_of_checkpoint) {
            progress.step(stream.number - stream.shown);
            stream.shown = stream.number;
            TRY(checkpoint(stream));
        }
        if (got == 0) return {};
    }
}

Status TrackReader::checkpoint(Stream& stream) {
    stream.saved = stream.offset;
    TRY(writer_->settle());
    book_.reuse(writer_->spent());
    TRY_ASSIGN(const auto progress, stream.progress(stream));
    TrackBatch batch{book_.drain(), std::exchange(decisions_, {}), heard_until_, {}};
    batch.progress = [progress, when_read = stream.when_read](TrackStore& store) -> Status {
        if (progress) {
            TRY(progress(store));
        }
        return when_read ? when_read(store) : Status{};
    };
    return writer_->write(std::move(batch));
}

// The last of it, and all is there.
Status TrackReader::finish(Stream& stream) {
    TRY(checkpoint(stream));
    TRY(writer_->settle());
    writer_->spent().clear();
    book_.forget_spare(); // indexes are made next, and want memory
    return {};
}

void TrackReader::count_bad(Stream& stream, std::string_view line) {
    ++stream.tally.bad;
    constexpr std::size_t shown = 200;
    if (bad_lines_.size() < reading_.bad_lines_shown)
        bad_lines_.push_back(fmt::format("'{}', line {} of this update: {}", stream.tally.log, stream.number,
                                         printable(line.substr(0, shown))));
}

Status TrackReader::take_line(Stream& stream, std::string_view line) {
    ++stream.number;
    if (line.empty()) return {};
    ++stream.tally.lines;
    if (line.front() == '{') return take_object(stream, line);
    const auto parts = split_log_line(line);
    const auto time = parts ? stream.clock.read(parts->form, parts->stamp) : std::nullopt;
    if (!time) {
        count_bad(stream, line);
        return {};
    }
    return take_heard(stream, *time, parts->host, parts->program, parts->text);
}

// The agent's journal as it is, or a line of journalctl.
Status TrackReader::take_object(Stream& stream, std::string_view line) {
    const auto record = read_journald_line(line);
    if (!record) {
        take_decision(stream, line);
        return {};
    }
    if (!record->cursor.empty()) stream.cursor = record->cursor;
    return take_heard(stream, record->time, record->host, record->program, record->text);
}

void TrackReader::take_decision(Stream& stream, std::string_view json) {
    const auto record = read_journal_record(json);
    if (!record)
        count_bad(stream, json);
    else if (record->time < reading_.keep_from)
        ++stream.tally.old;
    else
        decisions_.push_back(Decision{record->time, record->message_id, std::string(json)});
}

Status TrackReader::take_heard(Stream& stream, Instant time, std::string_view host, std::string_view program,
                               std::string_view text) {
    if (time < reading_.keep_from) {
        ++stream.tally.old;
        return {};
    }
    if (stream.host != host || stream.host.empty()) {
        stream.host.assign(host);
        const auto known = stream.heard_before.find(host);
        stream.host_heard = known == stream.heard_before.end() ? Instant{} : known->second;
    }
    auto until = heard_until_.find(host);
    if (until == heard_until_.end()) until = heard_until_.emplace(std::string(host), time).first;
    until->second = std::max(until->second, time);
    if (program == agent_program && text.starts_with('{')) {
        take_decision(stream, text);
        return {};
    }
    const bool may_be_known = stream.is_repeatable && time <= stream.host_heard;
    const auto novelty = may_be_known ? Novelty::repeatable : Novelty::fresh;
    TRY_ASSIGN(const auto reading, book_.take({time, host, program, text, novelty}));
    if (reading == Reading::broken) count_bad(stream, text);
    return {};
}

} // namespace mailctl
