// SPDX-License-Identifier: Apache-2.0
#include "socket_access.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailctl;

namespace {

constexpr gid_t some_group = 64777;

Paths paths_of_system_in(const std::string& directory) {
    Paths paths = paths_below(directory);
    paths.root.clear();
    return paths;
}

} // namespace

TEST_CASE("a directory that a group cannot pass is found, and one that it can is none") {
    const test::TempDirectory place;
    const std::string inner = place / "inner";
    REQUIRE(::mkdir(inner.c_str(), 0700) == 0);
    ::chmod((place.path()).c_str(), 0755);
    CHECK(find_barrier(inner + "/s", some_group) == inner);
    ::chmod(inner.c_str(), 0711);
    CHECK_FALSE(find_barrier(inner + "/s", some_group));
    ::chmod(inner.c_str(), 0750);
    CHECK(find_barrier(inner + "/s", some_group) == inner);
    if (::geteuid() == 0) {
        REQUIRE(::chown(inner.c_str(), 0, some_group) == 0);
        CHECK_FALSE(find_barrier(inner + "/s", some_group));
        ::chmod(inner.c_str(), 0705); // the group's own bits decide for its members
        CHECK(find_barrier(inner + "/s", some_group) == inner);
    }
}

TEST_CASE("a group that this machine does not have is a concern where the MTA is the system's") {
    const test::TempDirectory place;
    const auto system = socket_access(paths_of_system_in(place.path()), place / "s", "no-such-group");
    CHECK(system.mode == 0660);
    CHECK_FALSE(system.group);
    REQUIRE(system.concern);
    CHECK(system.concern->what == "the MTA cannot connect to '" + place / "s" + "': there is no group 'no-such-group'");
    const auto own = socket_access(paths_below(place.path()), place / "s", "no-such-group");
    CHECK(own.mode == 0600);
    CHECK_FALSE(own.concern);
}

TEST_CASE("who may give a socket to its group does so, below --root too") {
    const test::TempDirectory place;
    ::chmod((place.path()).c_str(), 0755);
    if (::geteuid() != 0) return; // group root is given by root alone
    const auto access = socket_access(paths_below(place.path()), place / "s", "mail");
    CHECK(access.mode == 0660);
    CHECK(access.group);
    CHECK_FALSE(access.concern);
    ::chmod((place.path()).c_str(), 0700);
    const auto barred = socket_access(paths_below(place.path()), place / "s", "mail");
    REQUIRE(barred.concern);
    CHECK(barred.concern->what.find("cannot pass") != std::string::npos);
}

TEST_CASE("the directory of the sockets is for all to pass, whatever the umask") {
    const test::TempDirectory place;
    Paths paths = paths_of_system_in(place.path());
    const mode_t mask = ::umask(077);
    CHECK(make_run_directory(paths));
    CHECK(make_run_directory(paths));
    ::umask(mask);
    struct stat about {};
    REQUIRE(::stat(paths.run.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0755);
    paths.run = "/proc/none/mailctl";
    const auto made = make_run_directory(paths);
    REQUIRE_FALSE(made);
    CHECK(made.error().what.find("/proc/none") != std::string::npos);
    CHECK(made.error().hint.find("tmpfiles.d") != std::string::npos);
}
