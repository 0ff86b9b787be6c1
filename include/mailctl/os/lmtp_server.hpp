// SPDX-License-Identifier: Apache-2.0
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
    // How many there are, before the first client comes; `why` there are no more, "" where all could be started.
    std::function<void(unsigned threads, const std::string& why)> threads_started{};
    std::function<void()> ready{};    // accepting
    std::function<void()> reload{};   // SIGHUP
    std::function<void()> stopping{}; // the sockets still listen, and will not from now on
};
// Serves until SIGTERM or SIGINT: then nobody listens any more, messages in hand are finished, and whoever has none in
// hand gets 421. temporary: no thread to be had, or no memory to go on.
[[nodiscard]] Status serve_lmtp(std::vector<FileDescriptor> listeners, const LmtpServerOptions& options);

} // namespace mailctl
