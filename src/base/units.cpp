// SPDX-License-Identifier: Apache-2.0
// Sizes, ages, dates and instants, both ways. Exact: integer arithmetic only, and nothing that would overflow is
// accepted.
#include "mailctl/base/units.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace mailctl {
namespace {

__extension__ using Wide = unsigned __int128; // room for a fraction times a unit before the division

constexpr std::uint64_t max_bytes = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view digits = "0123456789";

struct SizeUnit {
    std::string_view name; // folded
    std::uint64_t bytes;
};
constexpr std::uint64_t kibi = 1024, kilo = 1000;
constexpr std::array<SizeUnit, 14> size_units{{
    {"", 1},
    {"b", 1},
    {"k", kibi},
    {"kib", kibi},
    {"kb", kilo},
    {"m", kibi* kibi},
    {"mib", kibi* kibi},
    {"mb", kilo* kilo},
    {"g", kibi* kibi* kibi},
    {"gib", kibi* kibi* kibi},
    {"gb", kilo* kilo* kilo},
    {"t", kibi* kibi* kibi* kibi},
    {"tib", kibi* kibi* kibi* kibi},
    {"tb", kilo* kilo* kilo* kilo},
}};

// The unsigned number that is all of `text`; absent if there is anything else, or it does not fit.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    if (text.empty() || problem != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> size_unit(std::string_view name) {
    for (const auto& unit : size_units)
        if (equal_folded(unit.name, name)) return unit.bytes;
    return std::nullopt;
}

// "whole" or "whole.fraction" times the unit, rounded down to bytes; absent if it is no number or too large.
std::optional<std::uint64_t> scaled(std::string_view text, std::uint64_t unit) {
    const auto point = text.find('.');
    const auto whole = number(text.substr(0, point));
    if (!whole) return std::nullopt;
    Wide bytes = Wide{*whole} * unit;
    if (point != std::string_view::npos) {
        const auto decimals = text.substr(point + 1);
        const auto fraction = number(decimals);
        if (!fraction || decimals.size() > 9 || unit == 1) return std::nullopt;
        Wide divisor = 1;
        for (std::size_t i = 0; i < decimals.size(); ++i)
            divisor *= 10;
        bytes += Wide{*fraction} * unit / divisor;
    }
    if (bytes > max_bytes) return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
}

struct AgeUnit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array<AgeUnit, 5> age_units{{{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::uint64_t max_age_seconds = 1000ULL * 366 * 86400; // a millennium; now minus this still fits an Instant

// A field of exactly `width` digits at `at`, which moves behind it.
std::optional<unsigned> field(std::string_view text, std::size_t& at, std::size_t width) {
    if (at + width > text.size()) return std::nullopt;
    const auto value = number(text.substr(at, width));
    at += width;
    if (!value) return std::nullopt;
    return static_cast<unsigned>(*value);
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
    if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

std::optional<Date> read_date(std::string_view text, std::size_t& at) {
    const auto year = field(text, at, 4);
    if (!year || !skip(text, at, "-")) return std::nullopt;
    const auto month = field(text, at, 2);
    if (!month || !skip(text, at, "-")) return std::nullopt;
    const auto day = field(text, at, 2);
    if (!day) return std::nullopt;
    const Date date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    return date;
}

std::optional<std::chrono::minutes> read_hours_and_minutes(std::string_view text, std::size_t& at) {
    const auto hour = field(text, at, 2);
    if (!hour || *hour > 23 || !skip(text, at, ":")) return std::nullopt;
    const auto minute = field(text, at, 2);
    if (!minute || *minute > 59) return std::nullopt;
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

// ".123456789" to microseconds, further digits dropped; zero without a point.
std::optional<std::chrono::microseconds> read_fraction(std::string_view text, std::size_t& at) {
    if (!skip(text, at, ".")) return std::chrono::microseconds{0};
    auto end = text.find_first_not_of(digits, at);
    if (end == std::string_view::npos) end = text.size();
    if (end == at) return std::nullopt;
    std::string six(text.substr(at, std::min<std::size_t>(end - at, 6)));
    six.resize(6, '0');
    at = end;
    return std::chrono::microseconds{*number(six)};
}

std::optional<std::chrono::minutes> read_offset(std::string_view text, std::size_t& at) {
    if (skip(text, at, "Zz")) return std::chrono::minutes{0};
    const bool west = at < text.size() && text[at] == '-';
    if (!skip(text, at, "+-")) return std::nullopt;
    const auto distance = read_hours_and_minutes(text, at);
    if (!distance) return std::nullopt;
    return west ? -*distance : *distance;
}

std::optional<Instant> read_instant(std::string_view text) {
    std::size_t at = 0;
    const auto date = read_date(text, at);
    if (!date || !skip(text, at, "Tt ")) return std::nullopt;
    const auto time = read_hours_and_minutes(text, at);
    if (!time || !skip(text, at, ":")) return std::nullopt;
    const auto second = field(text, at, 2);
    if (!second || *second > 60) return std::nullopt; // 60 is a leap second; it becomes the next second
    const auto fraction = read_fraction(text, at);
    if (!fraction) return std::nullopt;
    const auto offset = read_offset(text, at);
    if (!offset || at != text.size()) return std::nullopt;
    return Instant{std::chrono::sys_days{*date} + *time + std::chrono::seconds{*second} + *fraction - *offset};
}

struct Calendar {
    Date date;
    std::chrono::hh_mm_ss<std::chrono::microseconds> time;
    std::chrono::weekday weekday;
};

Calendar calendar_of(Instant instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    return {Date{day}, std::chrono::hh_mm_ss<std::chrono::microseconds>{instant - day}, std::chrono::weekday{day}};
}

} // namespace

Result<ByteCount> parse_size(std::string_view text) {
    const auto end_of_number = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto unit = size_unit(trim(text.substr(end_of_number)));
    const auto bytes = unit ? scaled(text.substr(0, end_of_number), *unit) : std::nullopt;
    if (!bytes)
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a size", printable(text)),
                    "write a number with a unit, such as '500 MiB' or '2 GiB'; 0 means no limit");
    return ByteCount{*bytes};
}

std::string format_size(ByteCount size) {
    constexpr std::array<std::string_view, 4> names{"KiB", "MiB", "GiB", "TiB"};
    auto value = size.bytes;
    std::string_view unit;
    for (auto name : names) {
        if (value == 0 || value % kibi != 0) break;
        value /= kibi;
        unit = name;
    }
    return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

std::string format_size_rounded(ByteCount size) {
    constexpr std::array<std::string_view, 7> names{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = size.bytes;
    std::uint64_t tenths = 0;
    std::size_t unit = 0;
    for (; value >= kibi; ++unit) {
        tenths = value % kibi * 10 / kibi;
        value /= kibi;
    }
    if (tenths == 0 || value >= 100) return fmt::format("{} {}", value, names[unit]);
    return fmt::format("{}.{} {}", value, tenths, names[unit]);
}

Result<Age> parse_age(std::string_view text) {
    const auto without_unit = text.substr(0, text.empty() ? 0 : text.size() - 1);
    if (const auto count = number(without_unit))
        for (const auto& unit : age_units)
            if (text.back() == unit.letter && *count <= max_age_seconds / static_cast<std::uint64_t>(unit.seconds))
                return Age{static_cast<std::int64_t>(*count) * unit.seconds};
    return fail(ErrorKind::invalid, fmt::format("'{}' is not an age", printable(text)),
                "write a number and s, m, h, d or w, such as '12h' or '7d'");
}

std::string format_age(Age age) {
    const auto seconds = age.count();
    for (const auto& unit : age_units)
        if (seconds != 0 && seconds % unit.seconds == 0)
            return fmt::format("{}{}", seconds / unit.seconds, unit.letter);
    return "0s";
}

Result<Date> parse_date(std::string_view text) {
    std::size_t at = 0;
    const auto date = read_date(text, at);
    if (!date || at != text.size())
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a date", printable(text)),
                    "write year, month and day, such as '2026-12-31'");
    return *date;
}

std::string format_date(Date date) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string format_rfc3339(Instant instant) {
    const auto now = calendar_of(instant);
    return fmt::format("{}T{:02}:{:02}:{:02}.{:06}Z", format_date(now.date), now.time.hours().count(),
                       now.time.minutes().count(), now.time.seconds().count(), now.time.subseconds().count());
}

std::string format_rfc3339_seconds(Instant instant) {
    const auto now = calendar_of(instant);
    return fmt::format("{}T{:02}:{:02}:{:02}Z", format_date(now.date), now.time.hours().count(),
                       now.time.minutes().count(), now.time.seconds().count());
}

std::string format_minute(Instant instant, std::chrono::seconds offset) {
    const auto there = calendar_of(instant + offset);
    return fmt::format("{} {:02}:{:02}", format_date(there.date), there.time.hours().count(),
                       there.time.minutes().count());
}

Result<Instant> parse_rfc3339(std::string_view text) {
    const auto instant = read_instant(text);
    if (!instant)
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a time", printable(text)),
                    "write it as in '2026-12-31T23:59:00Z'");
    return *instant;
}

std::string format_rfc5322(Instant instant) {
    constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto now = calendar_of(instant);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", weekdays[now.weekday.c_encoding()],
                       static_cast<unsigned>(now.date.day()), months[static_cast<unsigned>(now.date.month()) - 1],
                       static_cast<int>(now.date.year()), now.time.hours().count(), now.time.minutes().count(),
                       now.time.seconds().count());
}

} // namespace mailctl
