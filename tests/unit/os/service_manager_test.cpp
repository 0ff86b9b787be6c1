// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/service_manager.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mailctl;

TEST_CASE("the state is sent to the service manager's socket, and to nobody when there is none") {
    const test::TempDirectory directory;
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (directory / "notify").c_str());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::unsetenv("NOTIFY_SOCKET");
    notify_service_manager("LOST=1");
    ::setenv("NOTIFY_SOCKET", address.sun_path, 1);
    notify_service_manager("READY=1");
    notify_reloading();
    ::unsetenv("NOTIFY_SOCKET");
    char buffer[100];
    auto got = ::recv(socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    CHECK(std::string(buffer, static_cast<std::size_t>(got)) == "READY=1");
    got = ::recv(socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    CHECK(std::string(buffer, static_cast<std::size_t>(got)).starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST_CASE("sockets passed to another process are not taken") {
    ::setenv("LISTEN_PID", "1", 1);
    ::setenv("LISTEN_FDS", "1", 1);
    CHECK(take_passed_sockets().empty());
    CHECK(std::getenv("LISTEN_FDS") == nullptr);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "nonsense", 1);
    CHECK(take_passed_sockets().empty());
}

TEST_CASE("sockets that are passed bring the names of their units") {
    // In a process of its own, where the numbers from 3 on are free.
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        for (const int fd : {3, 4, 5})
            ::dup2(STDERR_FILENO, fd);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "3", 1);
        ::setenv("LISTEN_FDNAMES", "mailctl-deliver.socket:policy", 1);
        const auto sockets = take_passed_sockets();
        const bool good = sockets.size() == 3 && sockets[0].name == "mailctl-deliver.socket" &&
                          sockets[1].name == "policy" && sockets[2].name.empty() && sockets[1].socket.get() == 4;
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}
