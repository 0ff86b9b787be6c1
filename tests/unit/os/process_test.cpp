// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/process.hpp"

#include "mailctl/os/files.hpp"
#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <thread>

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mailctl;
using namespace std::chrono_literals;

TEST_CASE("arguments reach the program as they are, without a shell") {
    const auto result = run({"printf", "%s|", "a b", "$HOME", "'; rm -rf /'", "*", ""});
    REQUIRE(result);
    CHECK(result->status == 0);
    CHECK(result->output == "a b|$HOME|'; rm -rf /'|*||");
    CHECK(result->error_output.empty());
}

TEST_CASE("both streams and the status come back, and a failing program is a value") {
    const auto result = run({"sh", "-c", "echo out; echo err >&2; exit 75"});
    REQUIRE(result);
    CHECK(result->status == 75);
    CHECK(result->output == "out\n");
    CHECK(result->error_output == "err\n");
    CHECK(run({"sh", "-c", "kill -TERM $$"}).value().status == 128 + SIGTERM);
}

TEST_CASE("input comes from a string or from a descriptor at its offset") {
    const std::string big(3'000'000, 'x');
    ProcessOptions options;
    options.input = big;
    options.output_limit = 4'000'000;
    CHECK(run({"cat"}, options).value().output == big);
    CHECK(run({"true"}, options).value().status == 0); // does not read it
    CHECK(run({"cat"}).value().output.empty());        // no input at all

    const test::TempDirectory directory;
    REQUIRE(replace_file(directory / "file", "skipped, read"));
    const FileDescriptor file(::open((directory / "file").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::lseek(file.get(), 9, SEEK_SET) == 9);
    options.input_fd = file.get();
    CHECK(run({"cat"}, options).value().output == "read");
}

TEST_CASE("output over the limit is dropped without stopping the program") {
    ProcessOptions options;
    options.output_limit = 1000;
    const auto result = run({"sh", "-c", "head -c 1000000 /dev/zero; echo done >&2; exit 3"}, options);
    REQUIRE(result);
    CHECK(result->output.size() == 1000);
    CHECK(result->truncated);
    CHECK(result->error_output == "done\n");
    CHECK(result->status == 3);
}

TEST_CASE("a program over its time is killed with its children, and that is temporary") {
    const test::TempDirectory directory;
    ProcessOptions options;
    options.timeout = 100ms;
    const auto start = std::chrono::steady_clock::now();
    const auto result = run({"sh", "-c", fmt::format("sleep 30 & echo $! > {}; wait", directory / "pid")}, options);
    CHECK(std::chrono::steady_clock::now() - start < 10s);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::temporary);
    CHECK(result.error().what == "'sh' was stopped: not done after 100 ms");
    const int grandchild = std::stoi(load_file(directory / "pid").value());
    const auto is_dead = [&] { // gone, or not yet waited for by init
        const auto state = find_file(fmt::format("/proc/{}/status", grandchild)).value_or(std::nullopt);
        return !state || state->find("State:\tZ") != std::string::npos;
    };
    for (int i = 0; i < 500 && !is_dead(); ++i) // a kill is asynchronous
        std::this_thread::sleep_for(10ms);
    CHECK(is_dead());
}

TEST_CASE("a program that leaves a daemon behind with our pipes is not waited for") {
    const auto start = std::chrono::steady_clock::now();
    const auto result = run({"sh", "-c", "sleep 3 & echo started"});
    CHECK(std::chrono::steady_clock::now() - start < 2s);
    REQUIRE(result);
    CHECK(result->output == "started\n");
}

TEST_CASE("no descriptor, blocked signal or ignored signal of ours is inherited") {
    const FileDescriptor leaky(::open("/dev/null", O_RDONLY)); // without O_CLOEXEC, as a library might
    sigset_t blocked, old;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    REQUIRE(::pthread_sigmask(SIG_BLOCK, &blocked, &old) == 0);
    const auto ignored = ::signal(SIGPIPE, SIG_IGN);
    const auto signals = run({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"});
    const auto descriptors = run({"sh", "-c", "ls /proc/$$/fd"});
    ::signal(SIGPIPE, ignored);
    ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
    REQUIRE(signals);
    REQUIRE(descriptors);
    CHECK(descriptors->output == "0\n1\n2\n");
    CAPTURE(signals->output);
    CHECK(signals->output.find("SigBlk:\t0000000000000000") != std::string::npos);
    // The lower 31 signals; the C library keeps 32 and 33 to itself.
    const auto set = std::stoull(signals->output.substr(signals->output.find("SigIgn:\t") + 8), nullptr, 16);
    CHECK((set & 0x7fffffff) == 0);
}

TEST_CASE("the environment is ours unless another is given") {
    ::setenv("MAILCTL_TEST", "inherited", 1);
    CHECK(run({"sh", "-c", "echo $MAILCTL_TEST"}).value().output == "inherited\n");
    ProcessOptions options;
    options.environment = {"PATH=/usr/bin:/bin", "MAILCTL_TEST=given"};
    CHECK(run({"sh", "-c", "echo $MAILCTL_TEST"}, options).value().output == "given\n");
    ::unsetenv("MAILCTL_TEST");
}

TEST_CASE("a program that cannot be run is an Error that names it") {
    const auto missing = run({"/nonexistent/program"});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::missing);
    CHECK(missing.error().what == "cannot run '/nonexistent/program': No such file or directory");
    CHECK(run({"/etc/passwd"}).error().kind == ErrorKind::denied);
    CHECK(run({}).error().kind == ErrorKind::invalid);
    CHECK(run({"echo", std::string("a\0b", 3)}).error().kind == ErrorKind::invalid);
    CHECK(run_on_terminal({"/nonexistent/program"}).error().kind == ErrorKind::missing);
}

TEST_CASE("it works with the standard descriptors closed") {
    const pid_t child = ::fork();
    if (child == 0) {
        for (const int fd : {0, 1, 2})
            ::close(fd);
        ProcessOptions options;
        options.input = "in";
        const auto result = run({"sh", "-c", "cat; echo err >&2"}, options);
        ::_exit(result && result->output == "in" && result->error_output == "err\n" ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("an editor's status is the program's") { CHECK(run_on_terminal({"sh", "-c", "exit 4"}).value() == 4); }
