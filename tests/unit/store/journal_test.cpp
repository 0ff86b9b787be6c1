// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/journal.hpp"

#include "../maildir/maildirs.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>

using namespace mailctl;
using namespace mailctl::test;

namespace {

JournalEntry entry(std::string recipient) {
    return {.time = mailctl::test::noon,
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

TEST_CASE("no field is longer than it may be, and what is cut ends at a character") {
    auto long_one = entry(std::string(5000, 'r') + "@one.example");
    long_one.message_id = std::string(2'000'000, 'm');
    long_one.why.clear();
    for (int i = 0; i < 2000; ++i)
        long_one.why += "\xc3\xa9";
    const auto line = format_journal_line(long_one);
    CHECK(line.size() < 3000);
    CHECK(line.find("mmm...\"") != std::string::npos);
    CHECK(line.find("\xc3\xa9...\"") != std::string::npos);
}

TEST_CASE("a FIFO is not waited for: without a reader, with one that sleeps, and when he reads on") {
    const TempDirectory directory;
    const auto path = directory / "fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    Journal journal(path, "");
    journal.write({entry("early@one.example")}); // nobody has it open: lost, and said so later
    const FileDescriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
    for (int i = 0; i < 1000; ++i)
        journal.write({entry(std::to_string(i) + "@one.example")});
    std::string read;
    std::thread reading([&] {
        std::array<char, 4096> buffer{};
        while (read.find("\"999@one.example") == std::string::npos) {
            const auto got = ::read(reader.get(), buffer.data(), buffer.size());
            if (got > 0) read.append(buffer.data(), static_cast<std::size_t>(got));
            if (got < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    reading.join();
    journal.finish(std::chrono::seconds(1));
    CHECK(read.starts_with("{"));
    CHECK(read.find("\"result\":\"lost\"") < read.find("\"0@one.example"));
    std::size_t at = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto found = read.find("\"recipient\":\"" + std::to_string(i) + "@one.example", at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
}

TEST_CASE("syslog that takes nothing holds up nobody, and what has no room is counted") {
    const TempDirectory directory;
    const auto path = directory / "log";
    const FileDescriptor daemon(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(daemon.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    Journal journal("syslog", "", path);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 500; ++i)
        journal.write({entry(std::to_string(i) + "@one.example")});
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
    std::array<char, 4096> buffer{};
    for (int i = 0; i < 500; ++i) {
        const auto got = ::recv(daemon.get(), buffer.data(), buffer.size(), 0);
        REQUIRE(got > 0);
        const std::string_view line(buffer.data(), static_cast<std::size_t>(got));
        CHECK(line.starts_with("<22>"));
        CHECK(line.find("mailctl-deliver[") != std::string_view::npos);
        CHECK(line.find("\"" + std::to_string(i) + "@one.example") != std::string_view::npos);
        CHECK(line.ends_with("}"));
    }
}
