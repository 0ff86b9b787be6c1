// SPDX-License-Identifier: Apache-2.0
// Work in a child. What needs root is run where the tests are; elsewhere it is left out.
#include "mailctl/maildir/as_mail_user.hpp"

#include "mailctl/maildir/mail_owner.hpp"
#include "maildirs.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

using namespace std::chrono_literals;

constexpr MailOwner somebody{64731, 64732};

// The caller itself, in a child all the same.
MailOwner myself() { return {::geteuid(), ::getegid()}; }
bool may_fork_as_self() { return ::geteuid() == 0; } // setgroups(2) is root's

TEST_CASE("work on mail: whose mail it is that cannot be looked at is not known, and never taken for ours") {
    const test::TempDirectory root;
    const Paths paths = paths_below(root.path());
    CHECK(get_mail_owner(paths, {}).value().user == ::geteuid()); // nothing is there yet
    REQUIRE(::symlink(paths.mail.c_str(), paths.mail.c_str()) == 0);
    const auto owner = get_mail_owner(paths, {});
    REQUIRE_FALSE(owner);
    CHECK(owner.error().kind == ErrorKind::temporary);
}

TEST_CASE("work on mail: without somebody to become it is done here") {
    const auto done = as_mail_user(std::nullopt, [&]() -> Result<Words> {
        return Words{std::to_string(::getpid()), ""};
    });
    REQUIRE(done);
    CHECK(*done == Words{std::to_string(::getpid()), ""});
}

TEST_CASE("work on mail: the child is another, for good, and its values come back as they are") {
    if (!may_fork_as_self()) return;
    const std::string odd("a\0b\n", 4);
    const auto done = as_mail_user(somebody, [&]() -> Result<Words> {
        const bool back = ::setuid(0) == 0 || ::setresuid(0, 0, 0) == 0;
        return Words{std::to_string(::getpid()),
                     std::to_string(::getuid()),
                     std::to_string(::geteuid()),
                     std::to_string(::getgid()),
                     std::to_string(::getgroups(0, nullptr)),
                     back ? "back" : "",
                     odd,
                     std::string(300'000, 'x')};
    });
    REQUIRE(done);
    REQUIRE(done->size() == 8);
    CHECK(done->at(0) != std::to_string(::getpid()));
    CHECK(Words(done->begin() + 1, done->begin() + 7) == Words{"64731", "64731", "64732", "1", "", odd});
    CHECK(done->at(7).size() == 300'000);
    CHECK(::geteuid() == 0);
}

TEST_CASE("work on mail: what the mail user may not do fails, and the error comes back whole") {
    if (!may_fork_as_self()) return;
    const test::TempDirectory root;
    ::chmod(root.path().c_str(), 0700);
    const auto done = as_mail_user(somebody, [&]() -> Result<Words> {
        if (::mkdir((root.path() + "/new").c_str(), 0700) == 0) return Words{};
        return fail(system_error(errno, "cannot make", "new"));
    });
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::denied);
    CHECK(done.error().os_error == EACCES);
    CHECK(done.error().what.find("'new'") != std::string::npos);
    CHECK(done.error().hint.find("64731") != std::string::npos);
}

TEST_CASE("work on mail: a child that stands still is stopped, whatever it waits for") {
    if (!may_fork_as_self()) return;
    const auto began = std::chrono::steady_clock::now();
    const auto sleeping = as_mail_user(myself(),
                                       []() -> Result<Words> {
                                           for (;;)
                                               ::pause();
                                       },
                                       {200ms, 1h});
    REQUIRE_FALSE(sleeping);
    CHECK(sleeping.error().kind == ErrorKind::temporary);
    CHECK(sleeping.error().what.find("stood still") != std::string::npos);
    const auto stopped = as_mail_user(myself(),
                                      []() -> Result<Words> {
                                          ::raise(SIGSTOP);
                                          return Words{};
                                      },
                                      {200ms, 1h});
    REQUIRE_FALSE(stopped);
    CHECK(std::chrono::steady_clock::now() - began < 60s);
}

TEST_CASE("work on mail: a child that works without end is stopped") {
    if (!may_fork_as_self()) return;
    const auto endless = as_mail_user(myself(),
                                      []() -> Result<Words> {
                                          for (volatile std::uint64_t turns = 0;;)
                                              turns = turns + 1;
                                      },
                                      {1h, 300ms});
    REQUIRE_FALSE(endless);
    CHECK(endless.error().what.find("not done after") != std::string::npos);
}

TEST_CASE("work on mail: one that is at work is not taken for one that stands still") {
    if (!may_fork_as_self()) return;
    const auto busy = as_mail_user(myself(),
                                   []() -> Result<Words> {
                                       const auto end = std::chrono::steady_clock::now() + 1500ms;
                                       while (std::chrono::steady_clock::now() < end) {
                                       }
                                       return Words{"done"};
                                   },
                                   {1000ms, 1h});
    REQUIRE(busy);
    CHECK(*busy == Words{"done"});
}

TEST_CASE("work on mail: a child that dies is an error, not an answer") {
    if (!may_fork_as_self()) return;
    const auto killed = as_mail_user(myself(), []() -> Result<Words> {
        ::raise(SIGUSR1);
        return Words{};
    });
    REQUIRE_FALSE(killed);
    CHECK(killed.error().kind == ErrorKind::temporary);
    CHECK(killed.error().what.find("signal 10") != std::string::npos);
    const auto left = as_mail_user(myself(), []() -> Result<Words> { ::_exit(0); });
    CHECK_FALSE(left);
    const auto thrown = as_mail_user(myself(), []() -> Result<Words> { throw std::runtime_error("broken"); });
    REQUIRE_FALSE(thrown);
    CHECK(thrown.error().what.find("broken") != std::string::npos);
}

TEST_CASE("work on mail: nobody of the mail user's may look into the child") {
    if (!may_fork_as_self()) return;
    const auto owner = as_mail_user(somebody, []() -> Result<Words> {
        struct stat about {};
        ::stat(("/proc/" + std::to_string(::getpid()) + "/mem").c_str(), &about);
        return Words{std::to_string(about.st_uid)};
    });
    REQUIRE(owner);
    CHECK(*owner == Words{"0"}); // procfs gives it to root where a process may not be dumped or traced
}

} // namespace
} // namespace mailctl
