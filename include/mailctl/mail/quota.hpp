// SPDX-License-Identifier: Apache-2.0
// Maildir++ quota, the pure part: the text of `maildirsize` and the decision whether one more message fits (delivery
// B.6). The file is a cache that others write too; whenever it cannot be trusted the answer is "recalculate", never
// "over".
#pragma once

#include "mailctl/base/units.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailctl {

inline constexpr std::size_t max_maildirsize = 5120; // bytes: a file this long or longer is rebuilt

struct QuotaLimits { // 0 = no limit
    ByteCount bytes;
    std::uint64_t messages = 0;
    bool operator==(const QuotaLimits&) const = default;
};
struct QuotaUsage {
    std::int64_t bytes = 0;
    std::int64_t messages = 0;
    bool operator==(const QuotaUsage&) const = default;
};
struct Maildirsize {
    QuotaLimits limits;
    QuotaUsage usage; // sum of all data lines
    std::size_t data_lines = 0;
};

// nullopt: rebuild it. That is: empty, 5120 bytes or more, a NUL, a malformed line, an overflow, negative totals, no
// data line. A last line without its line end is another writer's, still under way, and left out.
[[nodiscard]] std::optional<Maildirsize> parse_maildirsize(std::string_view text);
[[nodiscard]] std::string format_maildirsize(const QuotaLimits& limits,
                                             const QuotaUsage& usage); // "2147483648S\n1234 5\n"
[[nodiscard]] std::string format_usage_line(const QuotaUsage& change); // "1234 1\n", for O_APPEND

// The highest of `levels` (percent of the limit, below 100) that `used` has reached; nullopt: none.
[[nodiscard]] std::optional<unsigned> quota_level(ByteCount used, ByteCount limit, std::span<const unsigned> levels);

enum class QuotaVerdict { fits, over, recalculate };
enum class UsageSource { maildirsize, recalculated };

// Will `message` (bytes as stored, one message) fit? Equal to the limit still fits.
// From a maildirsize "over" is only believed when it has one data line and is younger than 15 minutes.
// A file whose limits differ from `limits` is to be rebuilt before use.
[[nodiscard]] QuotaVerdict decide_quota(const QuotaLimits& limits, const Maildirsize& file, ByteCount message,
                                        UsageSource source, std::chrono::seconds age);

} // namespace mailctl
