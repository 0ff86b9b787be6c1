// SPDX-License-Identifier: Apache-2.0
// The threads share an epoll set in which the connections wait for their clients. Who takes an event has the connection
// for himself until he puts it back. Bytes go through one buffer per thread. What is rare (accepting, signals, the
// search for idle connections) is Boost.Asio's, on one thread.
#include "mailctl/os/lmtp_server.hpp"

#include "lmtp_connection.hpp"
#include "mailctl/os/endpoint.hpp"
#include "mailctl/os/service_manager.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

namespace asio = boost::asio;
using Listener = asio::posix::stream_descriptor;
using Steady = std::chrono::steady_clock;

constexpr auto sweep_interval = std::chrono::seconds(1);

class Server final : public LmtpCrowd {
  public:
    explicit Server(const LmtpServerOptions& options) : options_(options), signals_(control_), sweep_timer_(control_) {}
    ~Server() override { end_threads(); }
    Status run(std::vector<FileDescriptor> listeners);
    bool watch(LmtpConnection& connection, int socket, std::uint32_t event, int operation) override;
    void forget(LmtpConnection& connection) override;

  private:
    Status listen(const std::vector<FileDescriptor>& listeners);
    Status start_threads();
    void end_threads();
    void hear_signals();
    void serve_connections();
    void accept_on(Listener& listener);
    FileDescriptor accept_from(Listener& listener);
    void pause(Listener& listener);
    void admit(FileDescriptor& socket);
    void admit_if_possible(FileDescriptor socket);
    void sweep();
    void on_signal(int number);
    void stop();
    void stop_listening(Listener& listener);

    const LmtpServerOptions& options_;
    FileDescriptor waiting_{::epoll_create1(EPOLL_CLOEXEC)}; // connections, each for one event
    FileDescriptor over_{::eventfd(0, EFD_CLOEXEC)};         // readable when the threads are to end
    std::mutex connections_mutex_;
    std::list<LmtpConnection> connections_;
    std::vector<std::thread> threads_;
    asio::io_context control_; // run by one thread: what follows is its own
    asio::signal_set signals_;
    asio::steady_timer sweep_timer_;
    std::list<Listener> listeners_;
    Steady::time_point stop_deadline_;
};

std::string peer_address(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
    const void* number = nullptr;
    if (address.ss_family == AF_INET) number = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    if (address.ss_family == AF_INET6) number = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (!number || !::inet_ntop(address.ss_family, number, text.data(), text.size())) return {};
    return text.data();
}

bool Server::watch(LmtpConnection& connection, int socket, std::uint32_t event, int operation) {
    epoll_event wanted{.events = event | EPOLLONESHOT, .data = {.ptr = &connection}};
    return ::epoll_ctl(waiting_.get(), operation, socket, &wanted) == 0;
}

Status Server::run(std::vector<FileDescriptor> listeners) {
    epoll_event end{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (::epoll_ctl(waiting_.get(), EPOLL_CTL_ADD, over_.get(), &end) != 0)
        return fail(system_error(errno, "cannot wait for", "connections"));
    TRY(start_threads());
    TRY(listen(listeners));
    listeners.clear(); // from here on the server alone says how long they are open
    hear_signals();
    sweep();
    if (options_.ready) options_.ready();
    control_.run();
    end_threads();
    return {};
}

// Fewer than wanted will do; none will not.
Status Server::start_threads() {
    std::string why;
    try {
        threads_.reserve(options_.threads);
        while (threads_.size() < options_.threads)
            threads_.emplace_back([this] { serve_connections(); });
    } catch (const std::exception& problem) { // std::system_error, std::bad_alloc
        why = problem.what();
    }
    threads = static_cast<unsigned>(threads_.size());
    if (threads == 0) return fail(ErrorKind::temporary, fmt::format("cannot start a thread: {}", why));
    if (options_.threads_started) options_.threads_started(threads, why);
    return {};
}

// They finish what they are at. Joined in every case: a thread that is not would end the process.
void Server::end_threads() {
    ::eventfd_write(over_.get(), 1);
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

Status Server::listen(const std::vector<FileDescriptor>& listeners) {
    for (const auto& listener : listeners) {
        const int own = ::fcntl(listener.get(), F_DUPFD_CLOEXEC, 0);
        if (own < 0) return fail(system_error(errno, "cannot use", "the listening socket"));
        listeners_.emplace_back(control_, own).native_non_blocking(true);
        accept_on(listeners_.back());
    }
    return {};
}

void Server::hear_signals() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        signals_.add(number);
    const auto wait = [this](auto&& again) -> void {
        signals_.async_wait([this, again](const boost::system::error_code& error, int number) {
            if (error) return;
            on_signal(number);
            if (!stopping) again(again);
        });
    };
    wait(wait);
}

void Server::serve_connections() {
    LmtpConnection::InputBuffer buffer;
    for (;;) {
        epoll_event event{};
        if (::epoll_wait(waiting_.get(), &event, 1, -1) < 1) continue; // a signal
        if (!event.data.ptr) return;
        static_cast<LmtpConnection*>(event.data.ptr)->serve(buffer);
    }
}

FileDescriptor Server::accept_from(Listener& listener) {
    return FileDescriptor(::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
}

void Server::accept_on(Listener& listener) {
    listener.async_wait(Listener::wait_read, [this, &listener](const boost::system::error_code& closed) {
        if (closed || stopping) return;
        auto socket = accept_from(listener);
        if (socket)
            admit_if_possible(std::move(socket));
        else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
            return pause(listener);
        accept_on(listener);
    });
}

// No descriptor or memory to be had: a moment later there may be. Without the pause accepting would spin.
void Server::pause(Listener& listener) {
    auto timer = std::make_shared<asio::steady_timer>(control_, std::chrono::milliseconds(100));
    timer->async_wait([this, &listener, timer](const boost::system::error_code&) {
        if (listener.is_open()) accept_on(listener);
    });
}

void Server::admit_if_possible(FileDescriptor socket) {
    try {
        admit(socket);
    } catch (const std::exception&) {
        if (socket) turn_away(socket.get(), "421 4.3.0 out of memory, try again later\r\n");
    }
}

void Server::admit(FileDescriptor& socket) {
    const int fd = socket.get();
    if (!is_allowed_peer(fd, options_.allowed_peers)) return turn_away(fd, "421 4.7.0 you may not use this socket\r\n");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on Unix sockets, which need none
    auto service = options_.admit(peer_address(fd));
    const std::lock_guard lock(connections_mutex_);
    if (connections_.size() >= options_.max_connections)
        return turn_away(fd, "421 4.3.2 too many connections, try again later\r\n");
    auto& connection = connections_.emplace_back(*this, std::move(socket), std::move(service));
    connection.place = std::prev(connections_.end());
    if (!connection.start()) connections_.pop_back();
}

// Under the lock: the sweeper must not touch the successor of its descriptor.
void Server::forget(LmtpConnection& connection) {
    std::list<LmtpConnection> gone;
    const std::lock_guard lock(connections_mutex_);
    gone.splice(gone.end(), connections_, connection.place);
}

void Server::sweep() {
    const auto now = Steady::now();
    {
        const std::lock_guard lock(connections_mutex_);
        for (auto& connection : connections_) {
            connection.end_if_idle(now, options_.idle_timeout);
            if (stopping) now >= stop_deadline_ ? connection.end_now() : connection.end_if_resting();
        }
        if (stopping && connections_.empty()) return; // nothing left to wait for: run() returns
    }
    sweep_timer_.expires_after(stopping ? std::chrono::milliseconds(50) : sweep_interval);
    sweep_timer_.async_wait([this](const boost::system::error_code&) { sweep(); });
}

void Server::on_signal(int number) {
    if (number != SIGHUP) return stop();
    notify_reloading();
    if (options_.reload) options_.reload();
    notify_service_manager("READY=1");
}

void Server::stop() {
    if (stopping.exchange(true)) return;
    notify_service_manager("STOPPING=1");
    if (options_.stopping) options_.stopping();
    stop_deadline_ = Steady::now() + options_.drain_timeout;
    for (auto& listener : listeners_)
        stop_listening(listener);
    signals_.cancel();
    sweep_timer_.cancel();
}

// Who is in the queue of the socket already would wait for a greeting: he is told, too.
void Server::stop_listening(Listener& listener) {
    while (const auto socket = accept_from(listener))
        turn_away(socket.get(), "421 4.3.2 shutting down\r\n");
    boost::system::error_code ignored;
    listener.close(ignored);
}

} // namespace

Status serve_lmtp(std::vector<FileDescriptor> listeners, const LmtpServerOptions& options) {
    try {
        return Server(options).run(std::move(listeners));
    } catch (const std::exception& problem) {
        return fail(ErrorKind::temporary, fmt::format("the LMTP server failed: {}", problem.what()));
    }
}

} // namespace mailctl
