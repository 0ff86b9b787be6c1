// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/files.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mailctl;
using namespace std::chrono_literals;

namespace {

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

// Runs `body` in a child that is killed when the test is done with it; returns when the child has written a byte.
template <class Body>
pid_t fork_until_ready(Body body) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        body();
        [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
        for (;;)
            ::pause();
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
    return child;
}

void kill_and_wait(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

} // namespace

TEST_CASE("absent is nullopt for find and missing for load") {
    const test::TempDirectory directory;
    CHECK(find_file(directory / "none").value() == std::nullopt);
    CHECK(find_stamp(directory / "none").value() == std::nullopt);
    const auto loaded = load_file(directory / "none");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::missing);
    CHECK(loaded.error().what == fmt::format("cannot open '{}': No such file or directory", directory / "none"));
    CHECK(list_directory(directory / "none").error().kind == ErrorKind::missing);
}

TEST_CASE("what was written is read back, whatever its size and bytes") {
    const test::TempDirectory directory;
    for (const std::size_t size : {0UL, 1UL, 4095UL, 4096UL, 1'000'000UL}) {
        std::string content(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            content[i] = static_cast<char>(i * 31);
        REQUIRE(replace_file(directory / "file", content));
        CHECK(load_file(directory / "file").value() == content);
    }
}

TEST_CASE("a file without a size of its own is read whole") {
    CHECK(load_file("/proc/self/status").value().size() > 200);
}

TEST_CASE("a directory is listed in order, without dot files") {
    const test::TempDirectory directory;
    for (const auto* name : {"b", "a", ".hidden"})
        REQUIRE(replace_file(directory / name, ""));
    CHECK(list_directory(directory.path()).value() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a replaced file keeps its mode, a new one gets the one asked for") {
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "new", "x", FileMode{.mode = 0600, .group = {}}));
    CHECK(mode_of(directory / "new") == 0600);
    REQUIRE(::chmod((directory / "new").c_str(), 0604) == 0);
    REQUIRE(replace_file(directory / "new", "y"));
    CHECK(mode_of(directory / "new") == 0604);
    CHECK(load_file(directory / "new").value() == "y");
}

TEST_CASE("root keeps the owner and group of the replaced file and gives a new one the group asked for") {
    if (::geteuid() != 0) return;
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "file", "x"));
    REQUIRE(::chown((directory / "file").c_str(), 12345, 23456) == 0);
    REQUIRE(replace_file(directory / "file", "y"));
    REQUIRE(replace_file(directory / "new", "y", FileMode{.mode = 0640, .group = 34567}));
    struct stat status {};
    REQUIRE(::stat((directory / "file").c_str(), &status) == 0);
    CHECK(status.st_uid == 12345);
    CHECK(status.st_gid == 23456);
    REQUIRE(::stat((directory / "new").c_str(), &status) == 0);
    CHECK(status.st_gid == 34567);
}

TEST_CASE("a staged file is not visible under its name and a leftover one is replaced") {
    const test::TempDirectory directory;
    const std::string staged = directory / ".file.1", target = directory / "file";
    REQUIRE(replace_file(target, "old"));
    REQUIRE(replace_file(staged, "left by a killed run"));
    REQUIRE(stage_file(staged, target, "new", {}));
    CHECK(load_file(target).value() == "old");
    REQUIRE(publish_file(staged, target));
    CHECK(load_file(target).value() == "new");
    CHECK_FALSE(find_file(staged).value());
}

TEST_CASE("a symbolic link is not replaced by a file") {
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "real", "old"));
    REQUIRE(::symlink("real", (directory / "link").c_str()) == 0);
    const auto replaced = replace_file(directory / "link", "new");
    REQUIRE_FALSE(replaced);
    CHECK(replaced.error().what == fmt::format("cannot replace '{}': not a regular file", directory / "link"));
    CHECK(load_file(directory / "real").value() == "old");
    CHECK_FALSE(find_file(directory / ".link.new").value());
}

TEST_CASE("a full disk is temporary and leaves nothing behind") {
    const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(full);
    const auto written = write_all(full.get(), "x", "/dev/full");
    REQUIRE_FALSE(written);
    CHECK(written.error().kind == ErrorKind::temporary);
    CHECK(written.error().what == "cannot write '/dev/full': No space left on device");
}

TEST_CASE("a file into a directory that is not there cannot be written") {
    const test::TempDirectory directory;
    CHECK(replace_file(directory / "none/file", "x").error().kind == ErrorKind::missing);
}

TEST_CASE("directories are made with their parents, and made again without complaint") {
    const test::TempDirectory directory;
    REQUIRE(make_directories(directory / "a/b/c", 0700));
    REQUIRE(make_directories(directory / "a/b/c", 0700));
    CHECK(mode_of(directory / "a/b/c") == 0700);
    REQUIRE(replace_file(directory / "file", ""));
    CHECK_FALSE(make_directories(directory / "file", 0700));
    CHECK_FALSE(make_directories(directory / "file/below", 0700));
}

TEST_CASE("removing what is absent is fine") {
    const test::TempDirectory directory;
    CHECK(remove_file(directory / "none"));
}

TEST_CASE("a stamp tells when a file was replaced by one of the same size") {
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "file", "one"));
    const auto before = find_stamp(directory / "file").value();
    CHECK(find_stamp(directory / "file").value() == before);
    REQUIRE(replace_file(directory / "file", "two"));
    CHECK(find_stamp(directory / "file").value() != before);
}

TEST_CASE("a replaced file is old or new at every instant, also for a writer that is killed") {
    const test::TempDirectory directory;
    const std::string path = directory / "file";
    const std::string one(200'000, '1'), two(200'000, '2');
    REQUIRE(replace_file(path, one));
    for (int round = 0; round < 20; ++round) {
        const pid_t child = ::fork();
        if (child == 0)
            for (;;)
                if (!replace_file(path, two) || !replace_file(path, one)) ::_exit(1);
        std::this_thread::sleep_for(std::chrono::milliseconds(round % 7 + 1));
        kill_and_wait(child);
        const std::string content = load_file(path).value();
        CHECK((content == one || content == two));
    }
}

TEST_CASE("a lock held by another process is waited for, and its holder is named when the wait is over") {
    const test::TempDirectory directory;
    const std::string path = directory / "lock";
    const pid_t child = fork_until_ready([&] {
        static auto held = Lock::acquire(path, 0ms, "mailctl import big.csv");
        if (!held) ::_exit(1);
    });
    const auto start = std::chrono::steady_clock::now();
    const auto refused = Lock::acquire(path, 60ms);
    CHECK(std::chrono::steady_clock::now() - start >= 60ms);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::temporary);
    CHECK(refused.error().what == fmt::format("site is locked by pid {} (mailctl import big.csv)", child));
    kill_and_wait(child);
    CHECK(Lock::acquire(path, 0ms)); // a killed holder does not block
    CHECK(find_file(path).value());  // and the file stays
}

TEST_CASE("a lock is free again when its holder lets go") {
    const test::TempDirectory directory;
    { CHECK(Lock::acquire(directory / "lock", 0ms)); }
    CHECK(Lock::acquire(directory / "lock", 0ms));
}

TEST_CASE("every one of many waiting writers gets its turn, one at a time") {
    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "count", "0"));
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
        children.push_back(::fork());
        if (children.back() == 0) {
            for (int turn = 0; turn < 5; ++turn) {
                const auto lock = Lock::acquire(directory / "lock", 20s);
                if (!lock) ::_exit(1);
                const int count = std::stoi(load_file(directory / "count").value());
                if (!replace_file(directory / "count", std::to_string(count + 1))) ::_exit(1);
            }
            ::_exit(0);
        }
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    CHECK(load_file(directory / "count").value() == "40");
}

TEST_CASE("descriptors are not inherited by programs") {
    const test::TempDirectory directory;
    const auto lock = Lock::acquire(directory / "lock", 0ms);
    REQUIRE(lock);
    int found = 0;
    const auto names = list_directory("/proc/self/fd").value();
    for (const std::string& name : names) {
        const int fd = std::stoi(name);
        std::string target(4096, '\0');
        const auto length = ::readlink(("/proc/self/fd/" + name).c_str(), target.data(), target.size());
        if (length <= 0 || std::string(target.data(), static_cast<std::size_t>(length)) != directory / "lock") continue;
        CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        ++found;
    }
    CHECK(found == 1);
}

TEST_CASE("waiters get a lock in the order in which they came") {
    const test::TempDirectory directory;
    const std::string path = directory / "lock";
    REQUIRE(replace_file(directory / "order", ""));
    const pid_t holder = fork_until_ready([&] {
        static auto held = Lock::acquire(path, 0ms);
        if (!held) ::_exit(1);
    });
    std::vector<pid_t> waiting;
    for (int i = 0; i < 6; ++i) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto lock = Lock::acquire(path, 20s);
            const auto order = load_file(directory / "order");
            if (!lock || !order || !replace_file(directory / "order", *order + std::to_string(i))) ::_exit(1);
            ::_exit(0);
        }
        waiting.push_back(child);
        std::this_thread::sleep_for(60ms); // long enough for each to be in the queue, and to sleep at its longest
    }
    kill_and_wait(holder);
    for (const pid_t child : waiting)
        ::waitpid(child, nullptr, 0);
    CHECK(load_file(directory / "order").value() == "012345");
}

TEST_CASE("who was killed while he waited for a lock holds nobody up") {
    const test::TempDirectory directory;
    const std::string path = directory / "lock";
    pid_t waiting = -1;
    {
        const auto held = Lock::acquire(path, 0ms);
        REQUIRE(held);
        waiting = ::fork();
        REQUIRE(waiting >= 0);
        if (waiting == 0) {
            static_cast<void>(Lock::acquire(path, 20s));
            ::_exit(0);
        }
        std::this_thread::sleep_for(50ms);
        CHECK_FALSE(Lock::acquire(path, 0ms));
        ::kill(waiting, SIGKILL);
        ::waitpid(waiting, nullptr, 0);
    }
    CHECK(Lock::acquire(path, 0ms));
}

TEST_CASE("what lies in a file's place and is none is refused without waiting") {
    const test::TempDirectory directory;
    REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
    REQUIRE(::mkdir((directory / "folder").c_str(), 0700) == 0);
    for (const char* name : {"fifo", "folder"}) {
        const auto found = find_file(directory / name);
        REQUIRE_FALSE(found);
        CHECK(found.error().kind == ErrorKind::invalid);
        CHECK(found.error().what.find("is not a regular file") != std::string::npos);
    }
}

TEST_CASE("what killed runs staged is removed by the ending of its target, and nothing else is") {
    const test::TempDirectory directory;
    for (const char* name : {".a.toml.new", ".b.example.toml.new", ".a.csv.new", "a.toml.new", ".a.toml", "a.toml"})
        REQUIRE(replace_file(directory / name, "x"));
    REQUIRE(remove_staged(directory.path(), ".toml"));
    std::set<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
        left.insert(entry.path().filename());
    CHECK(left == std::set<std::string>{".a.csv.new", "a.toml.new", ".a.toml", "a.toml"});
    CHECK(remove_staged(directory / "absent", ".toml"));
}
