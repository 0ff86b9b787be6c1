// The LMTP server's sockets: listens, accepts, feeds LmtpSessions and writes their replies. A pool of threads serves
// all connections; an idle connection costs its state and no buffer. What a message means is the handler's business.
// Refuses peers that are not on the list and more connections than allowed: with 421, never by a silent close.
#pragma once

#include "mailctl/mail/lmtp_session.hpp"
#include "mailctl/os/files.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mailctl {

struct LmtpService { // what one connection gets
    LmtpLimits limits;
    DomainName hostname;
    std::unique_ptr<LmtpHandler> handler;
};

struct LmtpServerOptions {
    unsigned threads = 32; // deliveries under way at once
    unsigned max_connections = 10000;
    std::chrono::seconds idle_timeout{300};
    std::chrono::seconds drain_timeout{30};            // for transactions in hand when asked to stop
    std::optional<std::vector<uid_t>> allowed_peers{}; // of Unix sockets, beside root and ourselves; nullopt: anybody
    // Called for each connection; `peer` is the client's IP address, "" on a Unix socket.
    std::function<LmtpService(const std::string& peer)> admit{};
    std::function<void()> ready{};  // accepting
    std::function<void()> reload{}; // SIGHUP
};
// Serves until SIGTERM or SIGINT: then no connection is accepted, transactions in hand are finished, the others get
// 421.
[[nodiscard]] Status serve_lmtp(std::vector<FileDescriptor> listeners, const LmtpServerOptions& options);

} // namespace mailctl
