// SPDX-License-Identifier: Apache-2.0
// Binding. The socket file gets its mode and group before the first client can see it as connectable: listen(2) comes
// last.
#include "mailctl/os/endpoint.hpp"

#include "mailctl/os/name_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr int backlog = 1024;
constexpr unsigned short smtp_port = 25;

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::invalid,
                    fmt::format("the socket path '{}' is longer than {} bytes", path, sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

// The socket interface takes every address as the sockaddr it begins with.
template <class Address>
const sockaddr* generic(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

// Whether the file at this address can be taken away: nobody answers there.
Result<bool> is_stale(const sockaddr_un& address, const std::string& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) return fail(system_error(errno, "cannot examine", path));
    if (!S_ISSOCK(about.st_mode)) return fail(ErrorKind::conflict, fmt::format("'{}' exists and is no socket", path));
    const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!probe) return fail(system_error(errno, "cannot make a socket for", path));
    if (::connect(probe.get(), generic(address), sizeof address) == 0) return false;
    return errno == ECONNREFUSED;
}

Result<FileDescriptor> listen_unix(const UnixEndpoint& endpoint) {
    TRY_ASSIGN(const sockaddr_un address, unix_address(endpoint.path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail(system_error(errno, "cannot make a socket for", endpoint.path));
    if (::bind(socket.get(), generic(address), sizeof address) != 0) {
        if (errno != EADDRINUSE) return fail(system_error(errno, "cannot listen on", endpoint.path));
        TRY_ASSIGN(const bool stale, is_stale(address, endpoint.path));
        if (!stale) return fail(ErrorKind::conflict, fmt::format("another server answers on '{}'", endpoint.path));
        ::unlink(endpoint.path.c_str());
        if (::bind(socket.get(), generic(address), sizeof address) != 0)
            return fail(system_error(errno, "cannot listen on", endpoint.path));
    }
    if (endpoint.group && ::chown(endpoint.path.c_str(), static_cast<uid_t>(-1), *endpoint.group) != 0)
        return fail(system_error(errno, "cannot set the group of", endpoint.path));
    if (::chmod(endpoint.path.c_str(), endpoint.mode) != 0)
        return fail(system_error(errno, "cannot set the mode of", endpoint.path));
    if (::listen(socket.get(), backlog) != 0) return fail(system_error(errno, "cannot listen on", endpoint.path));
    return socket;
}

Result<FileDescriptor> listen_inet(const InetEndpoint& endpoint) {
    const auto name = format_endpoint(endpoint);
    TRY_ASSIGN(const auto addresses, find_addresses(endpoint.host, endpoint.port));
    if (addresses.empty()) return fail(ErrorKind::temporary, fmt::format("cannot listen on '{}': unknown host", name));
    const auto& address = addresses.front();
    FileDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket.get(), address.generic(), address.length) != 0 || ::listen(socket.get(), backlog) != 0)
        return fail(system_error(errno, "cannot listen on", name));
    return socket;
}

// Of a Unix socket; nullopt on TCP, where nobody is vouched for.
std::optional<uid_t> peer_user(int fd) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || credentials.pid == 0)
        return std::nullopt;
    return credentials.uid;
}

} // namespace

bool is_allowed_peer(int socket, const std::optional<std::vector<uid_t>>& allowed) {
    const auto user = peer_user(socket);
    if (!allowed || !user || *user == 0 || *user == ::geteuid()) return true;
    return std::find(allowed->begin(), allowed->end(), *user) != allowed->end();
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    const auto wrong = [&](std::string_view why) {
        return fail(ErrorKind::usage, fmt::format("cannot listen on '{}': {}", text, why),
                    "write unix:/run/mailctl/lmtp.sock or inet:127.0.0.1:2424");
    };
    if (text.starts_with("unix:")) {
        const auto path = text.substr(5);
        if (!path.starts_with('/')) return wrong("the path of a socket begins with '/'");
        return Endpoint(UnixEndpoint{.path = std::string(path), .mode = 0660, .group = {}});
    }
    if (!text.starts_with("inet:")) return wrong("it begins with neither 'unix:' nor 'inet:'");
    const auto colon = text.rfind(':');
    auto host = text.substr(5, colon < 5 ? 0 : colon - 5);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    unsigned short port = 0;
    const auto [stop, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (host.empty()) return wrong("no host");
    if (problem != std::errc{} || stop != text.data() + text.size() || port == 0) return wrong("no port number");
    if (port == smtp_port) return wrong("port 25 is for SMTP");
    return Endpoint(InetEndpoint{.host = std::string(host), .port = port});
}

std::string format_endpoint(const Endpoint& endpoint) {
    if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) return "unix:" + local->path;
    const auto& inet = std::get<InetEndpoint>(endpoint);
    const bool v6 = inet.host.find(':') != std::string::npos;
    return fmt::format("inet:{}{}{}:{}", v6 ? "[" : "", inet.host, v6 ? "]" : "", inet.port);
}

Result<FileDescriptor> listen_on(const Endpoint& endpoint) {
    if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) return listen_unix(*local);
    return listen_inet(std::get<InetEndpoint>(endpoint));
}

Result<FileDescriptor> connect_to(const std::string& socket_path) {
    TRY_ASSIGN(const sockaddr_un address, unix_address(socket_path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail(system_error(errno, "cannot make a socket for", socket_path));
    if (::connect(socket.get(), generic(address), sizeof address) == 0) return socket;
    if (errno == ECONNREFUSED) return fail(ErrorKind::missing, fmt::format("nobody answers on '{}'", socket_path));
    return fail(system_error(errno, "cannot connect to", socket_path));
}

Result<SocketFile> find_socket_file(const std::string& path) {
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) return fail(system_error(errno, "cannot examine", path));
    return SocketFile{path, about.st_dev, about.st_ino, about.st_ctim.tv_sec * 1'000'000'000 + about.st_ctim.tv_nsec};
}

void remove_socket_file(const SocketFile& file) {
    const auto now = find_socket_file(file.path);
    if (now && *now == file) ::unlink(file.path.c_str());
}

} // namespace mailctl
