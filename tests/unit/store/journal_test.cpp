#include "mailctl/store/journal.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

#include <cstdio>

using namespace mailctl;
using namespace mailctl::test;

namespace {

JournalEntry entry(std::string recipient) {
    return {.time = noon,
            .id = "ID-1",
            .message_id = "<1@far.example>",
            .sender = "",
            .recipient = std::move(recipient),
            .result = "delivered",
            .where = "paul@one.example",
            .status = "250 2.0.0",
            .why = "exact name: mailbox 'paul'",
            .size = ByteCount{42}};
}

} // namespace

TEST_CASE("a line is one JSON object whatever peers wrote") {
    CHECK(format_journal_line(entry("paul@one.example")) ==
          R"({"time":"2023-11-14T22:13:20.123457Z","id":"ID-1","message_id":"<1@far.example>","sender":"",)"
          R"("recipient":"paul@one.example","result":"delivered","where":"paul@one.example","status":"250 2.0.0",)"
          R"("why":"exact name: mailbox 'paul'","size":42})");
    const auto hostile = format_journal_line(entry("a\"\n{\"x\":1}\xff@one.example"));
    CHECK(hostile.find('\n') == std::string::npos);
    CHECK(hostile.find(R"(\"\n{\"x\":1})") != std::string::npos);
}

TEST_CASE("lines are appended to the file, and to a new file after rotation") {
    const TempDirectory directory;
    Journal journal("", directory / "log");
    CHECK(journal.target() == JournalTarget::file);
    journal.write({entry("a@one.example"), entry("b@one.example")});
    journal.write({});
    REQUIRE(std::rename((directory / "log").c_str(), (directory / "log.1").c_str()) == 0);
    journal.write({entry("c@one.example")});
    journal.reopen();
    journal.write({entry("d@one.example")});
    const auto old = content_of(directory / "log.1");
    CHECK(std::count(old.begin(), old.end(), '\n') == 3);
    CHECK(content_of(directory / "log").find("d@one.example") != std::string::npos);
}

TEST_CASE("the setting names the target; a file that cannot be opened is no failure") {
    CHECK(Journal("", "").target() == JournalTarget::syslog);
    CHECK(Journal("syslog", "/x").target() == JournalTarget::syslog);
    CHECK(Journal("stdout", "/x").target() == JournalTarget::standard_output);
    CHECK(Journal("stderr", "").target() == JournalTarget::standard_error);
    Journal nowhere("/nonexistent/directory/log", "");
    nowhere.write({entry("a@one.example")});
    CHECK(nowhere.target() == JournalTarget::file);
}
