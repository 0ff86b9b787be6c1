// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/database.hpp"

#include "../os/temp_directory.hpp"
#include "mailctl/os/files.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Database> create(const std::string& path, std::chrono::milliseconds busy_timeout = 5s) {
    DatabaseOptions options;
    options.missing = DatabaseOptions::Missing::is_created;
    options.busy_timeout = busy_timeout;
    auto database = Database::open(path, options);
    REQUIRE(database);
    return std::move(*database);
}

std::unique_ptr<Database> create_numbers(const std::string& path) {
    auto database = create(path);
    REQUIRE(database->execute("CREATE TABLE numbers (writer INTEGER, number INTEGER)"));
    return database;
}

Status insert(Database& database, std::int64_t writer, std::int64_t number) {
    TRY_ASSIGN(auto statement, database.prepare("INSERT INTO numbers VALUES (?, ?)"));
    return statement.bind(writer).bind(number).run();
}

std::int64_t count(Database& database, const char* sql = "SELECT count(*) FROM numbers") {
    auto statement = database.prepare(sql);
    REQUIRE(statement);
    REQUIRE(statement->next().value());
    return statement->integer(0);
}

// Exit status of a child that runs `body`.
template <class Body>
int in_child(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

} // namespace

TEST_CASE("what is bound comes back as it was") {
    const TempDirectory directory;
    const auto database = create(directory / "a.db");
    REQUIRE(database->execute("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d INTEGER, e INTEGER, f TEXT)"));
    const std::string blob("\0\xff'\"", 4);
    const Instant when(1234567us);
    {
        auto insert = database->prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)");
        REQUIRE(insert);
        insert->bind(std::int64_t{-5}).bind("o'neill; DROP TABLE t").bind_blob(blob);
        REQUIRE(insert->bind(when).bind_null().bind(std::optional<std::string>()).run());
    }
    CHECK(database->changed_rows() == 1);
    CHECK(database->last_row_id() == 1);
    auto select = database->prepare("SELECT * FROM t");
    REQUIRE(select);
    REQUIRE(select->next().value());
    CHECK(select->integer(0) == -5);
    CHECK(select->text(1) == "o'neill; DROP TABLE t");
    CHECK(select->text(2) == blob);
    CHECK(select->instant(3) == when);
    CHECK(!select->find_instant(4));
    CHECK(select->find_instant(3) == when);
    CHECK(select->is_null(5));
    CHECK(select->text(5).empty());
    CHECK(!select->next().value());
}

TEST_CASE("an empty text is a text and no NULL") {
    const TempDirectory directory;
    const auto database = create(directory / "a.db");
    REQUIRE(database->execute("CREATE TABLE t (a TEXT NOT NULL, b BLOB NOT NULL)"));
    auto insert = database->prepare("INSERT INTO t VALUES (?, ?)");
    CHECK(insert->bind(std::string_view()).bind_blob({}).run());
}

TEST_CASE("statements are used again, also two of the same text at once") {
    const TempDirectory directory;
    const auto database = create_numbers(directory / "a.db");
    for (int number = 0; number < 3; ++number)
        REQUIRE(insert(*database, 1, number));
    auto outer = database->prepare("SELECT number FROM numbers ORDER BY number");
    std::int64_t seen = 0;
    while (outer->next().value()) {
        auto inner = database->prepare("SELECT number FROM numbers ORDER BY number");
        REQUIRE(inner->next().value());
        CHECK(inner->integer(0) == 0);
        CHECK(outer->integer(0) == seen++);
    }
    CHECK(seen == 3);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
    const TempDirectory directory;
    const auto database = create_numbers(directory / "a.db");
    {
        auto transaction = SqlTransaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(insert(*database, 1, 1));
    }
    CHECK(count(*database) == 0);
    {
        auto transaction = SqlTransaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(insert(*database, 1, 1));
        REQUIRE(transaction->commit());
    }
    CHECK(count(*database) == 1);
}

TEST_CASE("a second writer waits its time and is then told to try again") {
    const TempDirectory directory;
    const auto database = create_numbers(directory / "a.db");
    const auto other = create(directory / "a.db", 1ms);
    auto transaction = SqlTransaction::begin(*database);
    REQUIRE(transaction);
    const auto refused = SqlTransaction::begin(*other);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::temporary);
    CHECK(count(*other) == 0); // readers do not wait
    REQUIRE(transaction->commit());
    CHECK(SqlTransaction::begin(*other));
}

TEST_CASE("two processes that write at once lose nothing") {
    const TempDirectory directory;
    const auto path = directory / "a.db";
    constexpr int each = 60;
    create_numbers(path).reset();
    std::vector<pid_t> children;
    for (int writer = 0; writer < 3; ++writer) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto database = Database::open(path, {});
            if (!database) ::_exit(1);
            for (int number = 0; number < each; ++number) {
                auto transaction = SqlTransaction::begin(**database);
                if (!transaction || !insert(**database, writer, number) || !transaction->commit()) ::_exit(2);
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    const auto database = create(path);
    CHECK(count(*database) == 3 * each);
    CHECK(count(*database, "SELECT count(DISTINCT writer * 1000 + number) FROM numbers") == 3 * each);
}

TEST_CASE("of a killed writer all committed transactions are there, whole, and no other") {
    const TempDirectory directory;
    const auto path = directory / "a.db";
    create_numbers(path).reset();
    for (int round = 0; round < 5; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto database = Database::open(path, {});
            for (int number = 0;; ++number) {
                auto transaction = SqlTransaction::begin(**database);
                if (!insert(**database, round, number) || !insert(**database, round, number)) ::_exit(1);
                if (!transaction->commit()) ::_exit(2);
            }
        }
        const auto database = create(path);
        const auto before = count(*database);
        while (count(*database) < before + 10)
            ::usleep(500);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        CHECK(count(*database) % 2 == 0);
        CHECK(count(*database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check != 'ok'") == 0);
        CHECK(insert(*database, 99, round));
        CHECK(insert(*database, 99, round));
    }
}

TEST_CASE("the files beside it stay when the last connection is closed") {
    const TempDirectory directory;
    create_numbers(directory / "a.db").reset();
    CHECK(find_stamp(directory / "a.db-wal").value());
    CHECK(find_stamp(directory / "a.db-shm").value());
}

TEST_CASE("a damaged file is no database, temporarily, and the hint says what to do") {
    const TempDirectory directory;
    const auto path = directory / "a.db";
    REQUIRE(replace_file(path, std::string(8192, 'x')));
    const auto opened = Database::open(path, {});
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::temporary);
    CHECK(opened.error().what.find(path) != std::string::npos);
    CHECK(opened.error().hint.find("mailctl apply") != std::string::npos);
}

TEST_CASE("an absent file is temporary unless it is to be created") {
    const TempDirectory directory;
    const auto opened = Database::open(directory / "a.db", {});
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::temporary);
    CHECK(!find_stamp(directory / "a.db").value());
}

TEST_CASE("a connection notices that its file was replaced") {
    const TempDirectory directory;
    const auto database = create_numbers(directory / "a.db");
    CHECK(database->is_in_place());
    REQUIRE(::rename((directory / "a.db").c_str(), (directory / "b.db").c_str()) == 0);
    CHECK(!database->is_in_place());
}

TEST_CASE("a child of the process that opened it gets nothing and spoils nothing") {
    const TempDirectory directory;
    const auto path = directory / "a.db";
    auto database = create_numbers(path);
    REQUIRE(insert(*database, 1, 1));
    const int status = in_child([&] {
        const auto prepared = database->prepare("SELECT 1");
        if (prepared || prepared.error().kind != ErrorKind::temporary) return 1;
        if (database->execute("DELETE FROM numbers")) return 2;
        database.reset();
        return 0;
    });
    CHECK(status == 0);
    CHECK(count(*database) == 1);
    CHECK(insert(*database, 1, 2));
}
