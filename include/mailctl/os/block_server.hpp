// SPDX-License-Identifier: Apache-2.0
// BlockServer: a server of questions that are blocks of lines, as Postfix asks a policy service: an empty line ends the
// question, a text answers it, and the connection goes on. A thread waits for the clients, some others answer; none of
// them is the LMTP server's, which never waits for this one. Whoever asks is hostile until parsed: his question has a
// longest length and a time to be complete in, clients beyond the most there may be take the place of who is quiet
// longest, and a client that does not take his answer loses the connection.
#pragma once

#include "mailctl/os/files.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace mailctl {

struct BlockServerOptions {
    // Called by many threads at once, with a question without its empty line. An exception ends the connection.
    std::function<std::string(std::string_view)> answer{};
    std::string too_long{}; // said before the connection ends, to a question over the longest
    unsigned threads = 8;
    std::size_t max_clients = 1000;
    std::size_t longest_question = std::size_t{16} << 10;
    std::chrono::milliseconds question_time{30'000};   // from its first byte to its end
    std::chrono::milliseconds quiet_time{900'000};     // between two of them; three times what Postfix keeps its own
    std::optional<std::vector<uid_t>> allowed_peers{}; // as in LmtpServerOptions
};

class BlockServer {
  public:
    // temporary: no thread to be had.
    [[nodiscard]] static Result<std::unique_ptr<BlockServer>> start(std::vector<FileDescriptor> listeners,
                                                                    BlockServerOptions options);
    virtual ~BlockServer() = default; // stops, and waits for the questions in hand
    // From now on nobody listens, and whoever has no question in hand is disconnected. Does not wait.
    virtual void stop() = 0;
};

} // namespace mailctl
