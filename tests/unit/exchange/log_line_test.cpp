// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/logs/log_line.hpp"

#include "mailctl/exchange/logs/agent_journal.hpp"
#include "mailctl/exchange/logs/log_clock.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

Instant at(const char* text) { return parse_rfc3339(text).value(); }

std::chrono::seconds utc(std::chrono::sys_seconds) { return std::chrono::seconds(0); }

// Berlin in 2026: summer time from March 29 to October 25, each at 01:00 UTC.
std::chrono::seconds berlin(std::chrono::sys_seconds time) {
    const bool summer = time >= at("2026-03-29T01:00:00Z") && time < at("2026-10-25T01:00:00Z");
    return std::chrono::hours(summer ? 2 : 1);
}

} // namespace

TEST_CASE("the forms of a line's beginning") {
    for (const auto* line : {"Aug  9 10:00:00 mx1 postfix/smtpd[123]: connect from h",
                             "Aug 09 10:00:00 mx1 postfix/smtpd[123]: connect from h",
                             "2026-08-09T10:00:00.123456+02:00 mx1 postfix/smtpd[123]: connect from h",
                             "<22>Aug  9 10:00:00 mx1 postfix/smtpd[123]: connect from h"}) {
        const auto parts = split_log_line(line);
        REQUIRE_MESSAGE(parts, line);
        CHECK(parts->host == "mx1");
        CHECK(parts->program == "postfix/smtpd");
        CHECK(parts->text == "connect from h");
    }
    for (const auto* line : {"", "Aug", "last message repeated 2 times", "Aug  9 10:00:00 mx1",
                             "Aug  9 10:00:00 mx1 no program", "2026-08-09 mx1 a: b"})
        CHECK_MESSAGE(!split_log_line(line), line);
}

TEST_CASE("a program is an instance and a service") {
    CHECK(split_program("postfix/submission/smtpd").instance == "postfix");
    CHECK(split_program("postfix/submission/smtpd").service == "smtpd");
    CHECK(split_program("postfix-out/relay/smtp").instance == "postfix-out");
    CHECK(split_program("dovecot").service.empty());
}

TEST_CASE("journald: text and bytes") {
    const auto text = read_journald_line(
        R"({"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1786269600123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4F2A81C: removed \"x\" \u00e9","_X":["a","b"],"N":null})");
    REQUIRE(text);
    CHECK(text->time == at("2026-08-09T10:00:00.123456Z"));
    CHECK(text->host == "mx1");
    CHECK(text->program == "postfix/qmgr");
    CHECK(text->text == "4F2A81C: removed \"x\" é");
    CHECK(text->cursor == "s=1;i=2");
    const auto bytes = read_journald_line(R"({"__REALTIME_TIMESTAMP":"1","MESSAGE":[52,70,255]})");
    REQUIRE(bytes);
    CHECK(bytes->text == "4F\xff");
    for (const auto* broken : {"{", "{}", R"({"MESSAGE":"x"})", R"({"__REALTIME_TIMESTAMP":"x","MESSAGE":"y"})",
                               R"({"MESSAGE":"x)", R"({"a":"\u12"})", R"({"a":[1,300]})"})
        CHECK_MESSAGE(!read_journald_line(broken), broken);
}

TEST_CASE("the agent's journal, as it writes it") {
    const auto record = read_journal_record(
        R"({"time":"2026-08-09T10:00:00.5Z","id":"1","message_id":"<a@b>","sender":"","recipient":"p@o","result":"delivered","where":"p@o","status":"250 2.0.0","why":"mailbox","size":12})");
    REQUIRE(record);
    CHECK(record->result == "delivered");
    CHECK(record->size == 12);
    CHECK(record->time == at("2026-08-09T10:00:00.5Z"));
    CHECK_FALSE(read_journal_record(R"({"time":"x","result":"delivered"})"));
    CHECK_FALSE(read_journal_record("text"));
}

TEST_CASE(
    "a log without years runs through New Year and a leap day, and starts in the year of the file's last change") {
    YearWalk walk(utc);
    for (const auto* stamp :
         {"Nov 30 23:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:59", "Feb  3 00:00:00"})
        walk.pass(stamp);
    LogClock clock(utc, walk.beginning(at("2026-02-03T12:00:00Z")));
    CHECK(clock.read(StampForm::without_year, "Nov 30 23:00:00") == at("2025-11-30T23:00:00Z"));
    CHECK(clock.read(StampForm::without_year, "Dec 31 23:59:59") == at("2025-12-31T23:59:59Z"));
    CHECK(clock.read(StampForm::without_year, "Jan  1 00:00:01") == at("2026-01-01T00:00:01Z"));
    CHECK(clock.read(StampForm::without_year, "Dec 31 23:59:59") == at("2025-12-31T23:59:59Z")); // clock set back
    clock.continue_from(at("2028-02-27T00:00:00Z"));
    CHECK(clock.read(StampForm::without_year, "Feb 29 10:00:00") == at("2028-02-29T10:00:00Z"));
    CHECK_FALSE(clock.read(StampForm::without_year, "Feb 30 10:00:00"));
    CHECK_FALSE(clock.read(StampForm::without_year, "Xyz 10 10:00:00"));
    CHECK_FALSE(clock.read(StampForm::rfc3339, "2026-13-01T00:00:00Z"));
}

TEST_CASE("a file written today holds no line of tomorrow: its December is last year's") {
    YearWalk walk(utc);
    walk.pass("Dec 30 10:00:00");
    LogClock clock(utc, walk.beginning(at("2026-01-02T00:00:00Z")));
    CHECK(clock.read(StampForm::without_year, "Dec 30 10:00:00") == at("2025-12-30T10:00:00Z"));
}

TEST_CASE("the hour that comes twice is told apart by the lines before") {
    LogClock clock(berlin, at("2026-10-25T00:00:00Z"));
    CHECK(clock.read(StampForm::without_year, "Oct 25 02:30:00") == at("2026-10-25T00:30:00Z"));
    CHECK(clock.read(StampForm::without_year, "Oct 25 02:59:00") == at("2026-10-25T00:59:00Z"));
    CHECK(clock.read(StampForm::without_year, "Oct 25 02:01:00") == at("2026-10-25T01:01:00Z"));
    CHECK(clock.read(StampForm::without_year, "Oct 25 03:00:00") == at("2026-10-25T02:00:00Z"));
    CHECK(clock.read(StampForm::rfc3339, "2026-08-09T10:00:00+02:00") == at("2026-08-09T08:00:00Z"));
}
