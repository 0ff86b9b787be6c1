// SPDX-License-Identifier: Apache-2.0
// A client gets what the kernel takes at once: nobody who does not read can hold up the next.
#include "mailctl/os/text_socket.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::size_t longest_told = std::size_t{64} << 10;
constexpr mode_t owner_alone = 0600;

} // namespace

Result<std::unique_ptr<TextSocket>> TextSocket::open(const std::string& path, Text text) {
    FileDescriptor over(::eventfd(0, EFD_CLOEXEC));
    if (!over) return fail(system_error(errno, "cannot wait for", path));
    TRY_ASSIGN(auto listener, listen_on(UnixEndpoint{.path = path, .mode = owner_alone, .group = {}}));
    TRY_ASSIGN(auto file, find_socket_file(path));
    try {
        return std::unique_ptr<TextSocket>(
            new TextSocket(std::move(listener), std::move(over), std::move(file), std::move(text)));
    } catch (const std::exception& problem) { // std::system_error: no thread to be had
        return fail(ErrorKind::temporary, fmt::format("cannot serve '{}': {}", path, problem.what()));
    }
}

TextSocket::TextSocket(FileDescriptor listener, FileDescriptor over, SocketFile file, Text text)
    : listener_(std::move(listener)), over_(std::move(over)), file_(std::move(file)), text_(std::move(text)),
      thread_([this] { serve(); }) {}

TextSocket::~TextSocket() {
    remove_socket_file(file_);
    ::eventfd_write(over_.get(), 1);
    thread_.join();
}

void TextSocket::serve() {
    constexpr int pause_ms = 100;
    std::array<pollfd, 2> events{pollfd{listener_.get(), POLLIN, 0}, pollfd{over_.get(), POLLIN, 0}};
    for (;;) {
        if (::poll(events.data(), events.size(), -1) < 0) continue; // a signal
        if (events[1].revents != 0) return;
        const FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client)
            answer(client.get());
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            ::poll(&events[1], 1, pause_ms); // else this would spin
    }
}

void TextSocket::answer(int client) const {
    try {
        const auto text = text_();
        (void)::send(client, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } catch (const std::exception&) { // std::bad_alloc: he hears nothing
    }
}

Result<std::string> read_text_socket(const std::string& path, std::chrono::milliseconds patience) {
    TRY_ASSIGN(const auto socket, connect_to(path));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string text;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd event{socket.get(), POLLIN, 0};
        const int ready = left.count() > 0 ? ::poll(&event, 1, static_cast<int>(left.count())) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0 || text.size() > longest_told)
            return fail(ErrorKind::temporary, fmt::format("'{}' does not come to an end of what it says", path));
        std::array<char, 4096> piece;
        const auto got = ::recv(socket.get(), piece.data(), piece.size(), MSG_DONTWAIT);
        if (got == 0) return text;
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0) return fail(system_error(errno, "cannot read from", path));
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
}

} // namespace mailctl
