// SPDX-License-Identifier: Apache-2.0
// maildirsize: parsing that distrusts, sums that cannot overflow, and the order of questions of the Maildir++ text.
#include "mailctl/mail/quota.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailctl {
namespace {

constexpr std::chrono::minutes trusted_age{15};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "2147483648S,1000C" in any order; the empty line is "no limit".
std::optional<QuotaLimits> parse_limits(std::string_view line) {
    QuotaLimits limits;
    line = trim(line);
    if (line.empty()) return limits;
    for (std::string_view word : split(line, ',')) {
        if (word.empty()) return std::nullopt;
        auto value = parse_number<std::uint64_t>(word.substr(0, word.size() - 1));
        if (!value) return std::nullopt;
        if (word.back() == 'S')
            limits.bytes = ByteCount{*value};
        else if (word.back() == 'C')
            limits.messages = *value;
        else
            return std::nullopt;
    }
    return limits;
}

// "1234 5", padded with blanks by some writers.
std::optional<QuotaUsage> parse_usage(std::string_view line) {
    line = trim(line);
    auto blank = line.find(' ');
    if (blank == line.npos) return std::nullopt;
    auto bytes = parse_number<std::int64_t>(line.substr(0, blank));
    auto messages = parse_number<std::int64_t>(trim(line.substr(blank)));
    if (!bytes || !messages) return std::nullopt;
    return QuotaUsage{*bytes, *messages};
}

[[nodiscard]] bool add(QuotaUsage& sum, const QuotaUsage& change) {
    return !__builtin_add_overflow(sum.bytes, change.bytes, &sum.bytes) &&
           !__builtin_add_overflow(sum.messages, change.messages, &sum.messages);
}

// Is used + added > limit, without overflow.
bool exceeds(std::int64_t used, std::uint64_t added, std::uint64_t limit) {
    if (limit == 0) return false;
    auto taken = used > 0 ? static_cast<std::uint64_t>(used) : 0;
    return taken > limit || added > limit - taken;
}

} // namespace

std::optional<Maildirsize> parse_maildirsize(std::string_view text) {
    if (text.size() >= max_maildirsize || text.find('\0') != text.npos) return std::nullopt;
    auto lines = split(text, '\n');
    lines.pop_back(); // nothing, or a line whose writer is still at it
    if (lines.empty()) return std::nullopt;
    auto limits = parse_limits(lines.front());
    if (!limits) return std::nullopt;
    Maildirsize file{*limits, {}, lines.size() - 1};
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto change = parse_usage(lines[i]);
        if (!change || !add(file.usage, *change)) return std::nullopt;
    }
    if (file.data_lines == 0 || file.usage.bytes < 0 || file.usage.messages < 0) return std::nullopt;
    return file;
}

std::string format_maildirsize(const QuotaLimits& limits, const QuotaUsage& usage) {
    std::string header = fmt::format("{}S", limits.bytes.bytes);
    if (limits.messages > 0) header += fmt::format(",{}C", limits.messages);
    return header + "\n" + format_usage_line(usage);
}

std::string format_usage_line(const QuotaUsage& change) {
    return fmt::format("{} {}\n", change.bytes, change.messages);
}

std::optional<unsigned> quota_level(ByteCount used, ByteCount limit, std::span<const unsigned> levels) {
    std::optional<unsigned> reached;
    for (const unsigned level : levels) {
        const std::uint64_t begins_at = limit.bytes / 100 * level + limit.bytes % 100 * level / 100;
        if (limit.bytes > 0 && used.bytes >= begins_at && level > reached.value_or(0)) reached = level;
    }
    return reached;
}

QuotaVerdict decide_quota(const QuotaLimits& limits, const Maildirsize& file, ByteCount message, UsageSource source,
                          std::chrono::seconds age) {
    if (limits == QuotaLimits{}) return QuotaVerdict::fits;
    const bool cached = source == UsageSource::maildirsize;
    if (cached && file.limits != limits) return QuotaVerdict::recalculate;
    if (!exceeds(file.usage.bytes, message.bytes, limits.bytes.bytes) &&
        !exceeds(file.usage.messages, 1, limits.messages))
        return QuotaVerdict::fits;
    const bool trusted = file.data_lines == 1 && age >= age.zero() && age < trusted_age;
    return cached && !trusted ? QuotaVerdict::recalculate : QuotaVerdict::over;
}

} // namespace mailctl
