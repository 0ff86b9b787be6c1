// SPDX-License-Identifier: Apache-2.0
// Questions are tried on a pseudo-terminal: a child has it as its terminal, the test types.
#include "mailctl/os/terminal.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace mailctl;

namespace {

class Person { // at the terminal of a child that runs `program`
  public:
    explicit Person(const std::function<int()>& program) {
        winsize size{24, 123, 0, 0};
        child_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        if (child_ == 0) ::_exit(program());
        REQUIRE(child_ > 0);
    }
    ~Person() { ::close(terminal_); }
    Person(const Person&) = delete;
    Person& operator=(const Person&) = delete;

    // Waits until the program has said `text`.
    void read_until(const std::string& text) {
        while (heard_.find(text) == std::string::npos) {
            pollfd event{terminal_, POLLIN, 0};
            REQUIRE(::poll(&event, 1, 10'000) == 1);
            char buffer[1024];
            const ssize_t got = ::read(terminal_, buffer, sizeof buffer);
            REQUIRE(got > 0);
            heard_.append(buffer, static_cast<std::size_t>(got));
        }
    }
    void type(const std::string& text) {
        REQUIRE(::write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    bool echoes() const {
        termios state{};
        REQUIRE(::tcgetattr(terminal_, &state) == 0);
        return (state.c_lflag & ECHO) != 0;
    }
    int wait_status() {
        int status = -1;
        ::waitpid(child_, &status, 0);
        return status;
    }
    const std::string& heard() const { return heard_; }

  private:
    int terminal_ = -1;
    pid_t child_ = -1;
    std::string heard_;
};

int exit_status(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1; }

int password_program() {
    const auto password = read_password("Password");
    if (!password)
        return password.error().kind == ErrorKind::invalid       ? 2
               : password.error().kind == ErrorKind::interrupted ? 3
                                                                 : 4;
    return *password == "s3cret" ? 0 : 1;
}

} // namespace

TEST_CASE("a password is asked for twice and never shown") {
    Person person(password_program);
    person.read_until("Password: ");
    CHECK_FALSE(person.echoes());
    person.type("s3cret\n");
    person.read_until("Password (again): ");
    person.type("s3cret\n");
    CHECK(exit_status(person.wait_status()) == 0);
    CHECK(person.heard().find("s3cret") == std::string::npos);
    CHECK(person.echoes());
}

TEST_CASE("two different passwords, or an empty one, are refused") {
    Person differing(password_program);
    differing.read_until("Password: ");
    differing.type("s3cret\n");
    differing.read_until("(again): ");
    differing.type("secret\n");
    CHECK(exit_status(differing.wait_status()) == 2);
    Person silent(password_program);
    silent.read_until("Password: ");
    silent.type("\n");
    CHECK(exit_status(silent.wait_status()) == 2);
}

TEST_CASE("end of input is an interruption") {
    Person person(password_program);
    person.read_until("Password: ");
    person.type("\x04");
    CHECK(exit_status(person.wait_status()) == 3);
    CHECK(person.echoes());
}

TEST_CASE("Ctrl-C ends the program by its signal, with the echo back on") {
    Person person(password_program);
    person.read_until("Password: ");
    CHECK_FALSE(person.echoes());
    person.type("\x03");
    const int status = person.wait_status();
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
    CHECK(person.echoes());
}

TEST_CASE("a signal that comes at any moment around the question is not missed") {
    for (int round = 0; round < 30; ++round) {
        Person person(password_program);
        person.read_until("Password:"); // and not a byte later
        person.type("\x03");
        CHECK(WIFSIGNALED(person.wait_status()));
    }
}

TEST_CASE("only yes is yes") {
    const std::pair<const char*, int> answers[] = {{"y\n", 1}, {"YES\n", 1}, {"n\n", 0}, {"\n", 0}, {"yesterday\n", 0}};
    for (const auto& [typed, expected] : answers) {
        CAPTURE(typed);
        Person person([] {
            const auto answer = confirm("delete 3 messages?");
            return answer ? int{*answer} : 9;
        });
        person.read_until("delete 3 messages? [y/N] ");
        person.type(typed);
        CHECK(exit_status(person.wait_status()) == expected);
    }
}

TEST_CASE("a terminal has a width, and colours unless they are declined") {
    Person person([] {
        ::unsetenv("NO_COLOR");
        ::setenv("TERM", "xterm", 1);
        if (!is_terminal(Stream::output) || terminal_width(Stream::output) != 123 || !wants_colour(Stream::output))
            return 1;
        ::setenv("NO_COLOR", "", 1);
        if (!wants_colour(Stream::output)) return 2;
        ::setenv("NO_COLOR", "1", 1);
        if (wants_colour(Stream::output)) return 3;
        ::unsetenv("NO_COLOR");
        ::setenv("TERM", "dumb", 1);
        if (wants_colour(Stream::output)) return 4;
        ::unsetenv("TERM");
        return wants_colour(Stream::output) ? 5 : 0;
    });
    CHECK(exit_status(person.wait_status()) == 0);
}

TEST_CASE("off a terminal nothing is asked") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(0);
        if (::open("/dev/null", 0) != 0) ::_exit(9);
        const auto password = read_password("Password");
        const auto answer = confirm("sure?");
        const bool refused = !password && password.error().kind == ErrorKind::usage && !answer &&
                             answer.error().kind == ErrorKind::usage && answer.error().hint == "--yes";
        ::_exit(refused && terminal_width(Stream::input) == 80 ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}
