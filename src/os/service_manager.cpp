// SPDX-License-Identifier: Apache-2.0
// The datagram and the two variables; no library is worth loading for them.
#include "mailctl/os/service_manager.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr int first_passed = 3;

std::optional<int> number_from_environment(const char* name) {
    const char* text = std::getenv(name);
    if (!text) return std::nullopt;
    int value = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, problem] = std::from_chars(text, end, value);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return value;
}

} // namespace

std::vector<PassedSocket> take_passed_sockets() {
    std::vector<PassedSocket> sockets;
    const char* given = std::getenv("LISTEN_FDNAMES");
    const std::string all_names = given ? given : ""; // its parts are views
    const auto names = split(all_names, ':');
    const auto pid = number_from_environment("LISTEN_PID"), count = number_from_environment("LISTEN_FDS");
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        ::unsetenv(name);
    if (pid != ::getpid() || !count || *count < 0 || *count > 64) return sockets;
    for (int fd = first_passed; fd < first_passed + *count; ++fd) {
        if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
        const auto place = static_cast<std::size_t>(fd - first_passed);
        sockets.push_back({FileDescriptor(fd), place < names.size() ? std::string(names[place]) : std::string()});
    }
    return sockets;
}

void notify_service_manager(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (!path || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path);
    if (path[0] == '@') address.sun_path[0] = '\0'; // the abstract name space
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    // sockaddr_un is handed over as the sockaddr it begins with: the interface of the system call.
    ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
             length);
}

void notify_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    notify_service_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

} // namespace mailctl
