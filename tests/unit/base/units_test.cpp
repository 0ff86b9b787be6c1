// SPDX-License-Identifier: Apache-2.0
#include "mailctl/base/units.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

namespace mailctl {
namespace {

constexpr std::uint64_t gibi = 1024ULL * 1024 * 1024;
constexpr std::int64_t year_1 = -62135596800, year_9999_end = 253402300799; // seconds since 1970

Instant at_second(std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; }

} // namespace

TEST_CASE("sizes are read as people write them") {
    struct Row {
        const char* text;
        std::uint64_t bytes;
    };
    for (const auto& [text, bytes] : std::initializer_list<Row>{{"0", 0},
                                                                {"500", 500},
                                                                {"500B", 500},
                                                                {"2 GiB", 2 * gibi},
                                                                {"2GiB", 2 * gibi},
                                                                {"2G", 2 * gibi},
                                                                {"2g", 2 * gibi},
                                                                {"1.5 MiB", 1536 * 1024},
                                                                {"10 MB", 10'000'000},
                                                                {"3 kB", 3000},
                                                                {"1.1 kB", 1100},
                                                                {"8388607 TiB", 8388607ULL << 40U},
                                                                {"9223372036854775807", 9223372036854775807ULL}}) {
        CAPTURE(text);
        const auto size = parse_size(text);
        REQUIRE(size.has_value());
        CHECK(size->bytes == bytes);
    }
}

TEST_CASE("what is not a size is refused, and so is one too large to count") {
    for (const auto* text : {"", "G", "-1", "+1", "1.5", "1.", ".5 G", "1.2.3 G", "2 XB", "2 GiBs", "1e3",
                             "8388608 TiB", "9223372036854775808", "99999999999999999999 T", "1,5 G"}) {
        CAPTURE(text);
        const auto size = parse_size(text);
        REQUIRE_FALSE(size.has_value());
        CHECK(size.error().kind == ErrorKind::invalid);
    }
}

TEST_CASE("a size is written in the largest unit that says it exactly") {
    CHECK(format_size({0}) == "0");
    CHECK(format_size({500}) == "500");
    CHECK(format_size({1536ULL * 1024 * 1024}) == "1536 MiB");
    CHECK(format_size({2 * gibi}) == "2 GiB");
    CHECK(format_size({4096 * gibi}) == "4 TiB");
    CHECK(rc::check("parse(format(size)) == size", [] {
        const auto shift = *rc::gen::inRange(0U, 63U);
        const ByteCount size{(*rc::gen::arbitrary<std::uint64_t>() >> 1U) >> shift << (shift / 2)};
        RC_ASSERT(*parse_size(format_size(size)) == size);
    }));
}

TEST_CASE("a size in a table has four characters at most") {
    CHECK(format_size_rounded({0}) == "0 B");
    CHECK(format_size_rounded({1023}) == "1023 B");
    CHECK(format_size_rounded({1434}) == "1.4 KiB");
    CHECK(format_size_rounded({2 * gibi}) == "2 GiB");
    CHECK(format_size_rounded({gibi - 1}) == "1023 MiB");
    CHECK(format_size_rounded({std::numeric_limits<std::uint64_t>::max()}) == "15.9 EiB");
}

TEST_CASE("an age needs its unit") {
    CHECK(*parse_age("90s") == std::chrono::seconds{90});
    CHECK(*parse_age("15m") == std::chrono::minutes{15});
    CHECK(*parse_age("12h") == std::chrono::hours{12});
    CHECK(*parse_age("7d") == std::chrono::days{7});
    CHECK(*parse_age("2w") == std::chrono::days{14});
    for (const auto* text : {"", "7", "d", "-7d", "7 d", "1.5h", "7days", "99999999999w", "18446744073709551615s"})
        CHECK_FALSE_MESSAGE(parse_age(text).has_value(), text);
}

TEST_CASE("an age is written in its largest whole unit") {
    CHECK(format_age(std::chrono::days{7}) == "1w");
    CHECK(format_age(std::chrono::hours{36}) == "36h");
    CHECK(format_age(Age{0}) == "0s");
    CHECK(rc::check("parse(format(age)) == age", [] {
        const Age age{*rc::gen::inRange<std::int64_t>(0, 31'622'400'000)};
        RC_ASSERT(*parse_age(format_age(age)) == age);
    }));
}

TEST_CASE("a date is a day that exists") {
    using namespace std::chrono;
    CHECK(*parse_date("2026-12-31") == 2026y / December / 31);
    CHECK(*parse_date("2028-02-29") == 2028y / February / 29);
    for (const auto* text : {"", "2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "2026-01-01 ",
                             "2026/01/01", "2026-01-0x", "-026-01-01"})
        CHECK_FALSE_MESSAGE(parse_date(text).has_value(), text);
    CHECK(rc::check("parse(format(date)) == date", [] {
        const Date date{sys_days{days{*rc::gen::inRange(-700'000, 2'900'000)}}};
        RC_ASSERT(*parse_date(format_date(date)) == date);
    }));
}

TEST_CASE("an instant is written in UTC with microseconds") {
    const auto instant = at_second(1795318080) + std::chrono::microseconds{123456};
    CHECK(format_rfc3339(instant) == "2026-11-22T03:28:00.123456Z");
    CHECK(format_rfc3339(at_second(-1)) == "1969-12-31T23:59:59.000000Z");
    CHECK(rc::check("parse(format(instant)) == instant", [] {
        const auto any = at_second(*rc::gen::inRange(year_1, year_9999_end)) +
                         std::chrono::microseconds{*rc::gen::inRange(0, 1'000'000)};
        RC_ASSERT(*parse_rfc3339(format_rfc3339(any)) == any);
    }));
}

TEST_CASE("times of other writers are understood") {
    CHECK(*parse_rfc3339("2026-11-22T03:28:00Z") == at_second(1795318080));
    CHECK(*parse_rfc3339("2026-11-22t04:28:00+01:00") == at_second(1795318080));
    CHECK(*parse_rfc3339("2026-11-21 22:58:00-04:30") == at_second(1795318080));
    CHECK(*parse_rfc3339("2026-11-22T03:28:00.5Z") == at_second(1795318080) + std::chrono::milliseconds{500});
    CHECK(*parse_rfc3339("2026-11-22T03:28:00.1234569Z") == at_second(1795318080) + std::chrono::microseconds{123456});
    for (const auto* text : {"", "2026-11-22", "2026-11-22T03:28:00", "2026-11-22T24:00:00Z", "2026-11-22T03:60:00Z",
                             "2026-11-22T03:28:00.Z", "2026-11-22T03:28:00Zx", "2026-11-22T03:28:61Z"})
        CHECK_FALSE_MESSAGE(parse_rfc3339(text).has_value(), text);
}

TEST_CASE("a header date follows RFC 5322 in UTC") {
    CHECK(format_rfc5322(at_second(1795318080)) == "Sun, 22 Nov 2026 03:28:00 +0000");
    CHECK(format_rfc5322(at_second(0)) == "Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST_CASE("people read minutes where they are, programs whole seconds of UTC") {
    const auto instant = *parse_rfc3339("2026-11-27T23:37:59.999999Z");
    CHECK(format_rfc3339_seconds(instant) == "2026-11-27T23:37:59Z");
    CHECK(format_minute(instant, {}) == "2026-11-27 23:37");
    CHECK(format_minute(instant, std::chrono::hours{1}) == "2026-11-28 00:37");
    CHECK(format_minute(at_second(0), -std::chrono::minutes{210}) == "1969-12-31 20:30");
}

} // namespace mailctl
