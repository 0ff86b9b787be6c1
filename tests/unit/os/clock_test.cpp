// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/clock.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace mailctl;

namespace {

std::string day(std::string_view time, const std::string& zone) {
    return format_date(day_in_zone(parse_rfc3339(time).value(), zone));
}

} // namespace

TEST_CASE("a time zone is one that this machine has a file of") {
    for (const auto* good : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"}) {
        CAPTURE(good);
        CHECK(is_time_zone(good));
    }
    for (const auto* bad :
         {"", "Mars/Base", "Europe/Berlinn", "Europe", "../zoneinfo/UTC", "zone.tab", "/etc/localtime"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_time_zone(bad));
    }
}

TEST_CASE("the clock is that of the system") {
    const auto before = std::chrono::system_clock::now();
    const Instant time = now();
    CHECK(time >= std::chrono::floor<std::chrono::microseconds>(before));
    CHECK(time <= std::chrono::system_clock::now());
}

TEST_CASE("a day begins at midnight of the zone, summer and winter") {
    CHECK(day("2026-12-31T22:59:59Z", "Europe/Berlin") == "2026-12-31");
    CHECK(day("2026-12-31T23:00:00Z", "Europe/Berlin") == "2027-01-01");
    CHECK(day("2026-06-30T21:59:59Z", "Europe/Berlin") == "2026-06-30");
    CHECK(day("2026-06-30T22:00:00Z", "Europe/Berlin") == "2026-07-01");
    CHECK(day("2026-01-01T04:59:59Z", "America/New_York") == "2025-12-31");
    CHECK(day("2026-01-01T05:00:00Z", "America/New_York") == "2026-01-01");
    CHECK(day("2026-06-30T18:14:59Z", "Asia/Kathmandu") == "2026-06-30");
    CHECK(day("2026-06-30T18:15:00Z", "Asia/Kathmandu") == "2026-07-01");
}

TEST_CASE("a zone that is not in the database counts as UTC") {
    for (const auto* zone :
         {"", "UTC", "Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "Europe", "Europe/../Asia/Tokyo"}) {
        CAPTURE(zone);
        CHECK(day("2026-12-31T23:59:59Z", zone) == "2026-12-31");
        CHECK(day("2027-01-01T00:00:00Z", zone) == "2027-01-01");
    }
}

TEST_CASE("many threads may ask for many zones at once") {
    std::vector<std::thread> threads;
    std::vector<int> wrong(8, 0);
    for (std::size_t i = 0; i < wrong.size(); ++i)
        threads.emplace_back([&wrong, i] {
            for (int round = 0; round < 200; ++round) {
                wrong[i] += day("2026-12-31T23:00:00Z", "Europe/Paris") != "2027-01-01";
                wrong[i] += day("2026-12-31T15:00:00Z", "Asia/Tokyo") != "2027-01-01";
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == std::vector<int>(8, 0));
}

TEST_CASE("a minute is that of a clock in the zone, in summer and in winter") {
    CHECK(minute_in_zone(*parse_rfc3339("2026-01-15T12:00:30Z"), "Europe/Berlin") == "2026-01-15 13:00");
    CHECK(minute_in_zone(*parse_rfc3339("2026-07-15T23:30:00Z"), "Europe/Berlin") == "2026-07-16 01:30");
    CHECK(minute_in_zone(*parse_rfc3339("2026-07-15T23:30:00Z"), "Mars/Base") == "2026-07-15 23:30");
}
