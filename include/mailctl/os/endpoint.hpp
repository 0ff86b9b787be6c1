// SPDX-License-Identifier: Apache-2.0
// Where a server listens: a Unix socket or a TCP port, as `--listen` writes it. Refuses port 25, which belongs to SMTP
// (RFC 2033 5), and never takes a socket file away from a server that still answers on it.
// A socket file stays when its server ends: whoever connects then is refused, as without it.
#pragma once

#include "mailctl/os/files.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <variant>
#include <vector>

namespace mailctl {

struct UnixEndpoint {
    std::string path; // absolute
    mode_t mode = 0660;
    std::optional<gid_t> group;
};
struct InetEndpoint {
    std::string host; // an IP address, or a name that resolves here
    unsigned short port = 0;
};
using Endpoint = std::variant<UnixEndpoint, InetEndpoint>;
// "unix:/path" or "inet:host:port" ("inet:[::1]:2424"). invalid: anything else, and port 25.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string format_endpoint(const Endpoint& endpoint);

// Bound and listening. A socket file that nobody answers on is replaced. conflict: another server answers there.
[[nodiscard]] Result<FileDescriptor> listen_on(const Endpoint& endpoint);

// missing: nobody answers there.
[[nodiscard]] Result<FileDescriptor> connect_to(const std::string& socket_path);

// Whether the peer of an accepted Unix socket is root, ourselves or one of `allowed`; nullopt: anybody may. On TCP
// nobody is vouched for, and anybody may.
[[nodiscard]] bool is_allowed_peer(int socket, const std::optional<std::vector<uid_t>>& allowed);

// A socket file as it was made: whoever takes it away later must not take that of another server.
struct SocketFile {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t changed_ns = 0; // a number may be given again
    bool operator==(const SocketFile&) const = default;
};
[[nodiscard]] Result<SocketFile> find_socket_file(const std::string& path);
void remove_socket_file(const SocketFile& file); // if it still is the one at its path

} // namespace mailctl
