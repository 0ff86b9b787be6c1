// SPDX-License-Identifier: Apache-2.0
#include "mailctl/store/state.hpp"

#include "../os/temp_directory.hpp"
#include "mailctl/os/files.hpp"
#include "state_schema.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace mailctl::test;

namespace {

Paths paths_in(const TempDirectory& directory) {
    Paths paths = paths_below(directory.path());
    REQUIRE(make_directories(paths.lib, 0755));
    return paths;
}

const char* const add_hit = "INSERT INTO ban_hits VALUES (?, ?, 1, 0) "
                            "ON CONFLICT (domain, pattern) DO UPDATE SET count = count + 1";

Status hit(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto statement, turn->prepare(add_hit));
    return statement.bind("a.example").bind("promo-*").run();
}

Result<std::int64_t> hits(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto statement, turn->prepare("SELECT coalesce(sum(count), 0) FROM ban_hits"));
    TRY(statement.next());
    return statement.integer(0);
}

Result<std::int64_t> version(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto statement, turn->prepare("PRAGMA user_version"));
    TRY(statement.next());
    return statement.integer(0);
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

} // namespace

TEST_CASE("the administrator's first use makes the state, for the caller alone below a root") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State state = State::of_administrator(paths, std::nullopt);
    CHECK(version(state).value() == static_cast<std::int64_t>(state_schema().size()));
    for (const char* suffix : {"", "-wal", "-shm"})
        CHECK(mode_of(paths.state + suffix) == 0600);
}

TEST_CASE("the agent makes nothing: without a state it must try later") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State state = State::of_agent(paths);
    const auto turn = state.turn();
    REQUIRE(!turn);
    CHECK(turn.error().kind == ErrorKind::temporary);
    CHECK(turn.error().hint.find("mailctl apply") != std::string::npos);
    CHECK(!find_stamp(paths.state).value());
    // It goes on by itself once there is one.
    State administrator = State::of_administrator(paths, std::nullopt);
    REQUIRE(administrator.turn());
    CHECK(hit(state));
    CHECK(hits(administrator).value() == 1);
}

TEST_CASE("a state of an older version is upgraded by the administrator and waited for by the agent") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    DatabaseOptions options;
    options.missing = DatabaseOptions::Missing::is_created;
    REQUIRE(Database::open(paths.state, options));
    State agent = State::of_agent(paths);
    REQUIRE(!agent.turn());
    CHECK(agent.turn().error().kind == ErrorKind::temporary);
    State administrator = State::of_administrator(paths, std::nullopt);
    CHECK(hit(administrator));
    CHECK(hit(agent));
}

TEST_CASE("a state of a newer version is refused by both and not touched") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    {
        State state = State::of_administrator(paths, std::nullopt);
        REQUIRE(state.turn().value()->execute("PRAGMA user_version = 1000"));
    }
    State administrator = State::of_administrator(paths, std::nullopt), agent = State::of_agent(paths);
    for (State* state : {&administrator, &agent}) {
        const auto turn = state->turn();
        REQUIRE(!turn);
        CHECK(turn.error().kind == ErrorKind::temporary);
        CHECK(turn.error().hint.find("newer") != std::string::npos);
    }
}

TEST_CASE("a damaged state is temporary for both, and the hint says what to do") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    REQUIRE(replace_file(paths.state, std::string(16384, '\x55')));
    State administrator = State::of_administrator(paths, std::nullopt), agent = State::of_agent(paths);
    for (State* state : {&administrator, &agent}) {
        const auto turn = state->turn();
        REQUIRE(!turn);
        CHECK(turn.error().kind == ErrorKind::temporary);
        CHECK(turn.error().hint.find("away") != std::string::npos);
    }
}

TEST_CASE("a state that was moved away is noticed by those who have it open") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State agent = State::of_agent(paths);
    {
        State administrator = State::of_administrator(paths, std::nullopt);
        REQUIRE(hit(administrator));
    }
    REQUIRE(hit(agent));
    for (const char* suffix : {"", "-wal", "-shm"})
        REQUIRE(::rename((paths.state + suffix).c_str(), (directory / ("old" + std::string(suffix))).c_str()) == 0);
    CHECK(!hit(agent));
    State administrator = State::of_administrator(paths, std::nullopt);
    REQUIRE(administrator.turn());
    CHECK(hit(agent));
    CHECK(hits(administrator).value() == 1);
}

TEST_CASE("threads take turns") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State administrator = State::of_administrator(paths, std::nullopt);
    REQUIRE(administrator.turn());
    State agent = State::of_agent(paths);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            for (int each = 0; each < 50; ++each)
                if (!hit(agent)) return;
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(hits(agent).value() == 200);
}

TEST_CASE("a child may not use what its parent opened") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State state = State::of_administrator(paths, std::nullopt);
    REQUIRE(hit(state));
    const pid_t child = ::fork();
    if (child == 0) ::_exit(hit(state) ? 1 : 0);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(hit(state));
    CHECK(hits(state).value() == 2);
}

TEST_CASE("the mail user reads and writes the state in a directory where it may make no file") {
    if (::geteuid() != 0) return; // needs two users
    constexpr uid_t somebody = 54321;
    constexpr gid_t group = 54322;
    const TempDirectory directory;
    REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
    const Paths paths = paths_in(directory);
    {
        State state = State::of_administrator(paths, MailOwner{somebody, group});
        REQUIRE(hit(state));
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat status {};
        REQUIRE(::stat((paths.state + suffix).c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0660);
        CHECK(status.st_uid == somebody);
        CHECK(status.st_gid == group);
    }
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(somebody) != 0) ::_exit(1);
        if (::open((paths.lib + "/other").c_str(), O_CREAT | O_WRONLY, 0600) >= 0) ::_exit(2);
        for (int time = 0; time < 2; ++time) { // the first to open and the last to close, twice
            State agent = State::of_agent(paths);
            if (!hit(agent)) ::_exit(3);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    State state = State::of_administrator(paths, MailOwner{somebody, group});
    CHECK(hits(state).value() == 3);
}

TEST_CASE("the administrator gives files their owner and mode back and makes those that are missing") {
    if (::geteuid() != 0) return;
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    const MailOwner owner{54321, 54322};
    {
        State state = State::of_administrator(paths, owner);
        REQUIRE(hit(state));
    }
    REQUIRE(::unlink((paths.state + "-shm").c_str()) == 0);
    REQUIRE(::chown(paths.state.c_str(), 0, 0) == 0);
    REQUIRE(::chmod((paths.state + "-wal").c_str(), 0600) == 0);
    State state = State::of_administrator(paths, owner);
    CHECK(hits(state).value() == 1);
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat status {};
        REQUIRE(::stat((paths.state + suffix).c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0660);
        CHECK(status.st_uid == owner.user);
    }
}

TEST_CASE("mailctl uses no database with tables, views or triggers that are not ours") {
    const auto spoilt = [](const char* sql) {
        const TempDirectory directory;
        const Paths paths = paths_in(directory);
        {
            State state = State::of_administrator(paths, std::nullopt);
            const auto turn = state.turn();
            REQUIRE(turn);
            REQUIRE((*turn)->execute(sql));
        }
        for (State& state : std::array{State::of_reader(paths), State::of_administrator(paths, std::nullopt)}) {
            const auto turn = state.turn();
            if (turn) return std::string();
            CHECK(turn.error().kind == ErrorKind::temporary);
            CHECK(turn.error().hint.find("mailctl apply") != std::string::npos);
        }
        return std::string("refused");
    };
    CHECK(spoilt("SELECT 1") == "");
    CHECK(spoilt("DROP TABLE candidates; CREATE VIEW candidates AS SELECT 1 AS domain") == "refused");
    CHECK(spoilt("CREATE TRIGGER t AFTER DELETE ON codes BEGIN DELETE FROM tombstones; END") == "refused");
    CHECK(spoilt("CREATE TABLE mine (x)") == "refused");
    CHECK(spoilt("DROP TABLE ban_hits; CREATE TABLE ban_hits (domain, pattern, count, last)") == "refused");
    CHECK(spoilt("CREATE INDEX i ON codes (hash)") == "refused");
}

TEST_CASE("what works without end is given up") {
    const TempDirectory directory;
    const auto path = directory / "endless.db";
    DatabaseOptions options;
    options.missing = DatabaseOptions::Missing::is_created;
    options.work_limit = std::chrono::milliseconds(200);
    const auto database = Database::open(path, options);
    REQUIRE(database);
    auto endless =
        (*database)->prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n");
    REQUIRE(endless);
    const auto answer = endless->next();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::temporary);
}

TEST_CASE("rows that were skipped are named once, the first ones each, and cleaned") {
    const TempDirectory directory;
    State state = State::of_administrator(paths_in(directory), std::nullopt);
    {
        const auto turn = state.turn();
        REQUIRE(turn);
        for (int row = 0; row < 13; ++row)
            turn->skip("candidates", "a\x1b[31m");
    }
    const auto lines = state.take_skipped();
    REQUIRE(lines.size() == 11);
    CHECK(lines.front().find('\x1b') == std::string::npos);
    CHECK(lines.front().find("candidates") != std::string::npos);
    CHECK(lines.back() == "and 3 more rows like these");
    CHECK(state.take_skipped().empty());
}

TEST_CASE("nothing is given away through another name of a file") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    REQUIRE(replace_file(directory / "treasure", "x", FileMode{0600, std::nullopt}));
    REQUIRE(::symlink((directory / "treasure").c_str(), paths.state.c_str()) == 0);
    State linked = State::of_administrator(paths, MailOwner{::geteuid(), ::getegid()});
    CHECK_FALSE(linked.turn());
    REQUIRE(::unlink(paths.state.c_str()) == 0);
    REQUIRE(::link((directory / "treasure").c_str(), paths.state.c_str()) == 0);
    State hard = State::of_administrator(paths, MailOwner{::geteuid(), ::getegid()});
    CHECK_FALSE(hard.turn());
    struct stat status {};
    REQUIRE(::stat((directory / "treasure").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("a state that another holds locked costs an agent seconds, all its threads together, and later nothing") {
    const TempDirectory directory;
    const Paths paths = paths_in(directory);
    State administrator = State::of_administrator(paths, std::nullopt);
    REQUIRE(hit(administrator));
    State agent = State::of_agent(paths);
    REQUIRE(hit(agent));
    const auto locked = Database::open(paths.state, {}).value();
    REQUIRE(locked->execute("BEGIN EXCLUSIVE"));
    const auto time_of_all = [&](int count) {
        const auto begun = std::chrono::steady_clock::now();
        std::vector<std::thread> threads;
        for (int i = 0; i < count; ++i)
            threads.emplace_back([&] { CHECK(!hit(agent)); });
        for (auto& thread : threads)
            thread.join();
        return std::chrono::steady_clock::now() - begun;
    };
    CHECK(time_of_all(20) < std::chrono::milliseconds(4500));
    CHECK(time_of_all(20) < std::chrono::milliseconds(1500));
    REQUIRE(locked->execute("ROLLBACK"));
    CHECK(hit(agent));
    CHECK(hits(agent).value() == 3);
}
