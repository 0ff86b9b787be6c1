// SPDX-License-Identifier: Apache-2.0
// Years are tried, not counted: the one that gives the smallest step is right unless a log is silent for half a year.
#include "mailctl/exchange/logs/log_clock.hpp"

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int two_digits(std::string_view text, std::size_t at) {
    const auto digit = [&](std::size_t i) { return text[i] == ' ' ? 0 : text[i] - '0'; };
    const int value = digit(at) * 10 + digit(at + 1);
    const bool digits =
        text[at + 1] >= '0' && text[at + 1] <= '9' && (text[at] == ' ' || (text[at] >= '0' && text[at] <= '9'));
    return digits ? value : -1;
}

struct DayTime {
    unsigned month = 0, day = 0;
    chrono::seconds time{0};
};

std::optional<DayTime> read_day_time(std::string_view stamp) {
    const auto month = std::ranges::find(months, stamp.substr(0, 3));
    const int day = two_digits(stamp, 4), hour = two_digits(stamp, 7), minute = two_digits(stamp, 10),
              second = two_digits(stamp, 13);
    if (month == months.end() || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60)
        return std::nullopt;
    return DayTime{static_cast<unsigned>(month - months.begin()) + 1, static_cast<unsigned>(day),
                   chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second)};
}

std::optional<chrono::sys_seconds> in_year(const DayTime& when, chrono::year which) {
    const chrono::year_month_day date(which, chrono::month(when.month), chrono::day(when.day));
    if (!date.ok()) return std::nullopt; // the 29th of February
    return chrono::sys_days(date) + when.time;
}

chrono::year year_of(Instant instant) { return chrono::year_month_day(chrono::floor<chrono::days>(instant)).year(); }

template <class Duration>
Duration distance(Duration d) {
    return d < Duration::zero() ? -d : d;
}

} // namespace

std::optional<Instant> LogClock::read(StampForm form, std::string_view stamp) {
    if (stamp == text_) {
        last_ = instant_;
        return instant_;
    }
    std::optional<Instant> instant;
    if (form == StampForm::without_year) {
        instant = read_without_year(stamp);
    } else if (auto parsed = parse_rfc3339(stamp)) {
        instant = *parsed;
    }
    if (!instant) return std::nullopt;
    text_.assign(stamp);
    instant_ = last_ = *instant;
    return instant;
}

std::optional<Instant> LogClock::read_without_year(std::string_view stamp) {
    const auto when = read_day_time(stamp);
    if (!when) return std::nullopt;
    const chrono::sys_seconds before = chrono::floor<chrono::seconds>(last_);
    std::optional<chrono::sys_seconds> best;
    for (const int step : {-1, 0, 1, -4, 4}) { // a 29th of February may be three or four years away
        const auto local = in_year(*when, year_of(last_) + chrono::years(step));
        if (!local || (best && step % 4 == 0 && step != 0)) continue;
        if (!best || distance(*local - before) < distance(*best - before)) best = local;
    }
    if (!best) return std::nullopt;
    const auto quarter = chrono::floor<chrono::minutes>(*best).time_since_epoch().count() / 15;
    const auto instant = quarter == quarter_ ? *best - shift_ : in_zone(*best);
    shift_ = *best - instant;
    quarter_ = quarter;
    return instant;
}

// Of two instants that a clock set back shows alike, the first that does not lie before the last line.
chrono::sys_seconds LogClock::in_zone(chrono::sys_seconds local) const {
    const chrono::sys_seconds early = local - offset_(local - chrono::days(1)),
                              late = local - offset_(local + chrono::days(1));
    const bool early_is = early + offset_(early) == local, late_is = late + offset_(late) == local;
    if (early_is && late_is)
        return chrono::floor<chrono::seconds>(last_) > early + chrono::minutes(5) ? std::max(early, late)
                                                                                  : std::min(early, late);
    return late_is ? late : early;
}

YearWalk::YearWalk(ZoneOffset offset) : clock_(std::move(offset), chrono::sys_days(chrono::year(2000) / 7 / 1)) {}

void YearWalk::pass(std::string_view stamp) {
    const auto instant = clock_.read(StampForm::without_year, stamp);
    if (instant && !first_) first_ = instant;
}

Instant YearWalk::beginning(Instant last_written) const {
    if (!first_) return last_written;
    const auto in = [](chrono::year which, const chrono::year_month_day& date) {
        return chrono::sys_days(which / date.month() / 1) + (date.day() - chrono::day(1));
    };
    const chrono::year_month_day first(chrono::floor<chrono::days>(*first_)),
        last(chrono::floor<chrono::days>(clock_.last()));
    chrono::year written = year_of(last_written);
    if (Instant(in(written, last)) > last_written + chrono::days(2))
        --written; // two days for zones and clocks of other machines
    return in(first.year() + (written - last.year()), first);
}

} // namespace mailctl
