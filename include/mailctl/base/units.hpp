// SPDX-License-Identifier: Apache-2.0
// Sizes, ages and dates as people write them, both ways. parse(format(x)) == x.
#pragma once

#include "mailctl/base/result.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailctl {

struct ByteCount {
    std::uint64_t bytes = 0;
    auto operator<=>(const ByteCount&) const = default;
};
// "0", "500", "2 GiB", "2GiB", "2G", "1.5 MiB", "10 MB". K M G T are binary with or without "iB"; "kB MB GB TB"
// decimal. invalid: no number, unknown unit, negative, or more than 2^63-1 bytes.
[[nodiscard]] Result<ByteCount> parse_size(std::string_view text);
// Shortest exact form: "2 GiB", "1536 MiB", "500" (bytes).
[[nodiscard]] std::string format_size(ByteCount size);
// At most four characters and unit for tables: "1.4 GiB". Not exact.
[[nodiscard]] std::string format_size_rounded(ByteCount size);

using Age = std::chrono::seconds;
// "90s", "15m", "12h", "7d", "2w"; a bare number is refused because its unit would be a guess.
[[nodiscard]] Result<Age> parse_age(std::string_view text);
[[nodiscard]] std::string format_age(Age age);

using Date = std::chrono::year_month_day;
using Instant = std::chrono::sys_time<std::chrono::microseconds>; // UTC
[[nodiscard]] Result<Date> parse_date(std::string_view text);     // "2026-12-31"
[[nodiscard]] std::string format_date(Date date);
[[nodiscard]] std::string format_rfc3339(Instant instant);         // "2026-11-22T03:28:00.123456Z"
[[nodiscard]] std::string format_rfc3339_seconds(Instant instant); // "2026-11-22T03:28:00Z": what is less is cut off
[[nodiscard]] std::string format_minute(Instant instant,
                                        std::chrono::seconds offset); // "2026-11-22 04:28", east of UTC
[[nodiscard]] Result<Instant> parse_rfc3339(std::string_view text);
// RFC 5322 3.3 date-time, always in UTC: "Sun, 22 Nov 2026 03:28:00 +0000".
[[nodiscard]] std::string format_rfc5322(Instant instant);

} // namespace mailctl
