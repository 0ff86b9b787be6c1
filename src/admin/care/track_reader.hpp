// SPDX-License-Identifier: Apache-2.0
// Logs into the track database: each from where it was left, known by its content, so that rotation, compression,
// truncation and copies add nothing twice, and a line that is half written waits for its end. Bad lines are counted.
#pragma once

#include "mailctl/exchange/logs/log_clock.hpp"
#include "mailctl/os/byte_source.hpp"
#include "mailctl/store/track.hpp"
#include "track_writer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mailctl {

struct LogTally { // of one log
    std::string log;
    std::uint64_t lines = 0, bad = 0, old = 0; // old: from before what is kept
    std::string problem;                       // why it could not be read to its end; "" = it was
};

struct TrackReading {
    Instant now, keep_from;
    std::size_t bad_lines_shown = 0;
};

class TrackReader {
  public:
    static Result<TrackReader> open(TrackStore& store, const TrackReading& reading);
    // In the order of their beginnings, whatever that of their names is. Errors are those of the database; what is
    // wrong with a log is in its tally.
    [[nodiscard]] Result<std::vector<LogTally>> read_files(const std::vector<std::string>& paths);
    // journald, from the cursor kept on.
    [[nodiscard]] Result<LogTally> read_journald();
    [[nodiscard]] const std::vector<std::string>& bad_lines() const { return bad_lines_; } // for people, the first few

  private:
    struct Planned {
        std::string path;
        std::vector<KnownLog> known; // that begin like it, the one that was read furthest first
        Instant begins;
        LogTally tally;
        KnownLog log = {};
    };
    struct Stream;
    using Progress = std::function<Status(TrackStore&)>; // what is kept of how far a log was read
    TrackReader(TrackStore& store, const TrackReading& reading, std::unique_ptr<TrackWriter> writer, StoryBook book)
        : store_(&store), reading_(reading), writer_(std::move(writer)), book_(std::move(book)) {}
    Result<std::optional<Planned>> plan(const std::string& path);
    Status read_planned(Planned& planned);
    Status open_planned(Planned& planned, OpenLog& opened, Stream& stream);
    [[nodiscard]] Result<Progress> progress_of(Planned& planned, const Stream& stream) const;
    Status read_stream(Stream& stream);
    Status take_line(Stream& stream, std::string_view line);
    Status take_object(Stream& stream, std::string_view line);
    void take_decision(Stream& stream, std::string_view json);
    Status take_heard(Stream& stream, Instant time, std::string_view host, std::string_view program,
                      std::string_view text);
    void count_bad(Stream& stream, std::string_view line);
    Status checkpoint(Stream& stream);
    Status finish(Stream& stream);
    Status read_journald_after(const std::string& cursor, LogTally& tally);

    TrackStore* store_; // asked for nothing while the writer is at work
    TrackReading reading_;
    std::unique_ptr<TrackWriter> writer_;
    StoryBook book_;
    std::vector<Decision> decisions_; // since the last checkpoint
    HeardUntil heard_until_;          // of what is kept or will be
    std::vector<std::string> bad_lines_;
};

} // namespace mailctl
