// The clock, as a value to hand in: tests fake it.
#pragma once

#include "mailctl/base/units.hpp"

#include <functional>
#include <string>

namespace mailctl {

using Clock = std::function<Instant()>;
[[nodiscard]] Instant now();
// The calendar day of `instant` in `time_zone` ("Europe/Berlin"); an unknown zone counts as UTC.
[[nodiscard]] Date day_in_zone(Instant instant, const std::string& time_zone);

} // namespace mailctl
