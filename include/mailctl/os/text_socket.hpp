// SPDX-License-Identifier: Apache-2.0
// A Unix socket on which whoever connects is told one text, and hears the end of it. The agent says there how it is.
// Only root and the user whom the socket belongs to can connect to it.
#pragma once

#include "mailctl/os/endpoint.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace mailctl {

class TextSocket {
  public:
    using Text = std::function<std::string()>; // called by a thread of the socket's; a short text
    // conflict: another server answers at `path`. The file goes when the object does.
    [[nodiscard]] static Result<std::unique_ptr<TextSocket>> open(const std::string& path, Text text);
    TextSocket(const TextSocket&) = delete;
    TextSocket& operator=(const TextSocket&) = delete;
    ~TextSocket();

  private:
    TextSocket(FileDescriptor listener, FileDescriptor over, SocketFile file, Text text);
    void serve();
    void answer(int client) const;

    FileDescriptor listener_, over_; // over_: readable when the thread is to end
    SocketFile file_;
    Text text_;
    std::thread thread_;
};

// What is told there. missing: nobody answers. temporary: no end within `patience`, or an endless text.
[[nodiscard]] Result<std::string> read_text_socket(const std::string& path, std::chrono::milliseconds patience);

} // namespace mailctl
