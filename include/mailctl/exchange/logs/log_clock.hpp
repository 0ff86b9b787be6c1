// SPDX-License-Identifier: Apache-2.0
// From the stamps of a log to instants. The old form has neither year nor zone: the zone is the machine's, as a
// function handed in, and the year is the one that brings a stamp nearest to its predecessor, so that a log runs
// through New Year, a changed clock and the end of daylight saving time.
#pragma once

#include "mailctl/exchange/logs/log_line.hpp"

#include <cstdint>
#include <functional>

namespace mailctl {

// Seconds east of Greenwich at an instant.
using ZoneOffset = std::function<std::chrono::seconds(std::chrono::sys_seconds)>;

class LogClock {
  public:
    // `near`: the first stamp is taken to lie within half a year of it.
    LogClock(ZoneOffset offset, Instant near) : offset_(std::move(offset)), last_(near) {}
    // Absent: no date.
    [[nodiscard]] std::optional<Instant> read(StampForm form, std::string_view stamp);
    [[nodiscard]] Instant last() const { return last_; } // of the last stamp read
    void continue_from(Instant near) { last_ = near; }

  private:
    [[nodiscard]] std::optional<Instant> read_without_year(std::string_view stamp);
    [[nodiscard]] std::chrono::sys_seconds in_zone(std::chrono::sys_seconds local) const;

    ZoneOffset offset_;
    Instant last_;
    std::string text_; // the stamp that `instant_` was read from: most lines share theirs with the one before
    Instant instant_;
    std::int64_t quarter_ = -1; // of an hour, local time, that `shift_` holds for
    std::chrono::seconds shift_{0};
};

// The years that pass from one stamp to another in a log, and with the time when it was last written the year of its
// beginning: its last line is not younger than the file.
class YearWalk {
  public:
    explicit YearWalk(ZoneOffset offset);
    void pass(std::string_view stamp); // of the old form, in the order of the log
    // What LogClock needs to begin at the first stamp passed.
    [[nodiscard]] Instant beginning(Instant last_written) const;

  private:
    LogClock clock_;
    std::optional<Instant> first_;
};

} // namespace mailctl
