// SPDX-License-Identifier: Apache-2.0
// The clock, as a value to hand in: tests fake it.
#pragma once

#include "mailctl/base/units.hpp"

#include <functional>
#include <string>

namespace mailctl {

using Clock = std::function<Instant()>;
[[nodiscard]] Instant now();
// Whether this machine knows the zone: "UTC", or a file below /usr/share/zoneinfo.
[[nodiscard]] bool is_time_zone(const std::string& name);
// The calendar day of `instant` in `time_zone` ("Europe/Berlin"); an unknown zone counts as UTC.
[[nodiscard]] Date day_in_zone(Instant instant, const std::string& time_zone);
// How far the zone is east of Greenwich then; an unknown zone counts as UTC.
[[nodiscard]] std::chrono::seconds offset_of_zone(Instant instant, const std::string& time_zone);
// "2026-11-27 23:37", as a clock there shows it: for people.
[[nodiscard]] std::string minute_in_zone(Instant instant, const std::string& time_zone);

// How far this machine's time zone (TZ, /etc/localtime) is east of Greenwich then. For one thread: it asks the C
// library.
[[nodiscard]] std::chrono::seconds system_zone_offset(std::chrono::sys_seconds time);

} // namespace mailctl
