// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/quota.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

const QuotaLimits limits{ByteCount{1000}, 10};

Maildirsize file_of(std::int64_t bytes, std::int64_t messages, std::size_t lines = 1) {
    return {limits, {bytes, messages}, lines};
}
QuotaVerdict decide(const Maildirsize& file, std::uint64_t size, std::chrono::seconds age = 0s) {
    return decide_quota(limits, file, ByteCount{size}, UsageSource::maildirsize, age);
}

} // namespace

TEST_CASE("maildirsize is a line of limits and lines that add up") {
    const auto file = parse_maildirsize("1000S,10C\n500 3\n100 1\n-50 -1\n");
    REQUIRE(file.has_value());
    CHECK(file->limits == limits);
    CHECK(file->usage == QuotaUsage{550, 3});
    CHECK(file->data_lines == 3);
}

TEST_CASE("limits come in any order, lines may be padded") {
    CHECK(parse_maildirsize("10C,1000S\n1 1\n")->limits == limits);
    CHECK(parse_maildirsize("1000S\n1 1\n")->limits == QuotaLimits{ByteCount{1000}, 0});
    CHECK(parse_maildirsize("\n1 1\n")->limits == QuotaLimits{});
    CHECK(parse_maildirsize("1000S\n  5  1     \n")->usage == QuotaUsage{5, 1});
}

TEST_CASE("a last line without its end is still being written and left out") {
    const auto file = parse_maildirsize("1000S\n500 3\n100 ");
    REQUIRE(file.has_value());
    CHECK(file->usage == QuotaUsage{500, 3});
    CHECK(file->data_lines == 1);
}

TEST_CASE("what cannot be trusted is rebuilt") {
    for (const std::string& text :
         {std::string(), std::string("1000S"), std::string("1000S\n"), std::string("1000S\n500 3"),
          std::string("1000X\n1 1\n"), std::string("S\n1 1\n"), std::string("1000\n1 1\n"), std::string("-5S\n1 1\n"),
          std::string("1000S,\n1 1\n"), std::string("1000S\n1\n"), std::string("1000S\nx y\n"),
          std::string("1000S\n1 1 1\n"), std::string("1000S\n\n1 1\n"), std::string("1000S\n1 1\0\n", 11),
          std::string("1000S\n-1 1\n"), std::string("1000S\n1 -1\n"),
          std::string("1000S\n9223372036854775807 1\n1 1\n"), std::string("1000S\n99999999999999999999 1\n"),
          std::string("99999999999999999999S\n1 1\n")})
        CHECK_MESSAGE(!parse_maildirsize(text).has_value(), text);
}

TEST_CASE("a file of 5120 bytes is full") {
    std::string text = "1000S\n";
    while (text.size() + 4 < max_maildirsize)
        text += "1 1\n";
    CHECK(parse_maildirsize(text).has_value());
    text.resize(max_maildirsize, ' ');
    CHECK_FALSE(parse_maildirsize(text).has_value());
}

TEST_CASE("what we write we read") {
    CHECK(format_maildirsize({ByteCount{1000}, 0}, {5, 1}) == "1000S\n5 1\n");
    CHECK(format_usage_line({-5, -1}) == "-5 -1\n");
    CHECK(rc::check("round trip", [] {
        const QuotaLimits some{ByteCount{*rc::gen::arbitrary<std::uint64_t>()}, *rc::gen::arbitrary<std::uint64_t>()};
        const QuotaUsage usage{*rc::gen::nonNegative<std::int64_t>(), *rc::gen::nonNegative<std::int64_t>()};
        const auto file = parse_maildirsize(format_maildirsize(some, usage));
        RC_ASSERT(file.has_value());
        RC_ASSERT(file->limits == some);
        RC_ASSERT(file->usage == usage);
    }));
}

TEST_CASE("a message that reaches the limit fits, one byte more does not") {
    CHECK(decide(file_of(900, 1), 100) == QuotaVerdict::fits);
    CHECK(decide(file_of(900, 1), 101) == QuotaVerdict::over);
    CHECK(decide(file_of(0, 9), 1) == QuotaVerdict::fits);
    CHECK(decide(file_of(0, 10), 1) == QuotaVerdict::over);
}

TEST_CASE("over is believed from one fresh line only") {
    CHECK(decide(file_of(1000, 1, 1), 1, 899s) == QuotaVerdict::over);
    CHECK(decide(file_of(1000, 1, 1), 1, 900s) == QuotaVerdict::recalculate);
    CHECK(decide(file_of(1000, 1, 1), 1, -1s) == QuotaVerdict::recalculate); // from the future
    CHECK(decide(file_of(1000, 1, 2), 1) == QuotaVerdict::recalculate);
    CHECK(decide_quota(limits, file_of(1000, 1, 2), ByteCount{1}, UsageSource::recalculated, 1h) == QuotaVerdict::over);
    CHECK(decide_quota(limits, file_of(999, 1, 2), ByteCount{1}, UsageSource::recalculated, 1h) == QuotaVerdict::fits);
}

TEST_CASE("our limits win over those of the file") {
    Maildirsize other = file_of(0, 0);
    other.limits.bytes = ByteCount{5};
    CHECK(decide(other, 1) == QuotaVerdict::recalculate);
    CHECK(decide_quota(limits, other, ByteCount{1}, UsageSource::recalculated, 0s) == QuotaVerdict::fits);
}

TEST_CASE("without limits everything fits, and sums do not overflow") {
    CHECK(decide_quota({}, file_of(INT64_MAX, INT64_MAX), ByteCount{UINT64_MAX}, UsageSource::maildirsize, 1h) ==
          QuotaVerdict::fits);
    CHECK(decide(file_of(INT64_MAX, 1), UINT64_MAX) == QuotaVerdict::over);
    const QuotaLimits huge{ByteCount{UINT64_MAX}, 0};
    CHECK(decide_quota(huge, {huge, {INT64_MAX, 1}, 1}, ByteCount{UINT64_MAX}, UsageSource::recalculated, 0s) ==
          QuotaVerdict::over);
}

TEST_CASE("a level is reached at its part of the limit, the highest counts, and without a limit there is none") {
    const std::vector<unsigned> levels{80, 95, 50};
    const auto level = [&](std::uint64_t used, std::uint64_t limit) {
        return quota_level(ByteCount{used}, ByteCount{limit}, levels);
    };
    CHECK(level(499, 1000) == std::nullopt);
    CHECK(level(500, 1000) == 50);
    CHECK(level(949, 1000) == 80);
    CHECK(level(950, 1000) == 95);
    CHECK(level(2000, 1000) == 95);
    CHECK(level(7, 15) == 50); // of 7.5
    CHECK(level(1, 0) == std::nullopt);
    CHECK(level(UINT64_MAX, UINT64_MAX) == 95);
    CHECK(quota_level(ByteCount{1000}, ByteCount{1000}, {}) == std::nullopt);
}
