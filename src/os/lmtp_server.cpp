// The threads share an epoll set in which the connections wait for their clients. Who takes an event has the connection
// for himself until he puts it back, and stays with it for a moment after each answer while others are free: the
// client's next bytes usually follow at once, and waking another thread costs more than waiting for them. Bytes go
// through one buffer per thread, so that an idle connection holds none. What is rare (accepting, signals, the search
// for idle connections) is Boost.Asio's, on one thread.
#include "mailctl/os/lmtp_server.hpp"

#include "mailctl/os/service_manager.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
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

constexpr timeval patience{.tv_sec = 0, .tv_usec = 5000}; // how long a thread waits with its connection
constexpr auto sweep_interval = std::chrono::seconds(1);
using InputBuffer = std::array<char, 64 * 1024>; // per thread

class Server;

// One client. One thread at a time serves it; only the atomics are read from outside.
class Connection {
  public:
    Connection(Server& server, FileDescriptor socket, LmtpService service);
    // Greets. false: it is over already.
    [[nodiscard]] bool start();
    // What its event calls for, until there is nothing to do or the client keeps us waiting. *this may be gone then.
    void serve(InputBuffer& buffer);
    // From the sweeper: the next read will find the end, and the given reason is told to the client.
    enum class End { none, idle, shutdown };
    void end_if_idle(Steady::time_point now, std::chrono::seconds timeout);
    void end_if_resting();
    void end_now() { end(End::shutdown); }

    std::list<Connection>::iterator place; // in the server's list

  private:
    void end(End reason);
    enum class Next { read_more, stay_for_client, wait_for_client, wait_for_room, close };
    Next serve_once(InputBuffer& buffer);
    Next flush();
    void wait(Next next);
    [[nodiscard]] bool hand_over(std::uint32_t event, int operation);
    void hang_up();

    Server& server_;
    FileDescriptor socket_;
    std::unique_ptr<LmtpHandler> handler_;
    LmtpSession session_;
    std::string output_; // replies not yet written
    std::atomic<Steady::rep> last_activity_;
    std::atomic<bool> working_ = true, resting_ = false, stalled_ = false;
    std::atomic<End> end_ = End::none;
};

class Server {
  public:
    explicit Server(const LmtpServerOptions& server_options)
        : options(server_options), signals_(control_), sweep_timer_(control_) {}
    Status run(std::vector<FileDescriptor> listeners);
    // The next event of this kind goes to whichever thread is free. false: the system cannot watch it.
    [[nodiscard]] bool watch(Connection& connection, int socket, std::uint32_t event, int operation);
    void forget(Connection& connection);
    [[nodiscard]] bool can_spare_a_thread() const { return !stopping && busy_threads < options.threads; }

    const LmtpServerOptions& options;
    std::atomic<unsigned> busy_threads = 0;
    std::atomic<bool> stopping = false;

  private:
    Status listen(const std::vector<FileDescriptor>& listeners);
    void hear_signals();
    void serve_connections();
    void accept_on(Listener& listener);
    void pause(Listener& listener);
    void admit(FileDescriptor socket);
    void sweep();
    void on_signal(int number);
    void stop();

    FileDescriptor waiting_{::epoll_create1(EPOLL_CLOEXEC)}; // connections, each for one event
    FileDescriptor over_{::eventfd(0, EFD_CLOEXEC)};         // readable when the threads are to end
    std::mutex connections_mutex_;
    std::list<Connection> connections_;
    asio::io_context control_; // run by one thread: what follows is its own
    asio::signal_set signals_;
    asio::steady_timer sweep_timer_;
    std::list<Listener> listeners_;
    Steady::time_point stop_deadline_;
};

// ---- Connection

Connection::Connection(Server& server, FileDescriptor socket, LmtpService service)
    : server_(server), socket_(std::move(socket)), handler_(std::move(service.handler)),
      session_(service.limits, std::move(service.hostname), *handler_),
      last_activity_(Steady::now().time_since_epoch().count()) {}

bool Connection::start() {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    output_ = session_.greeting();
    if (flush() == Next::close) return false;
    resting_ = true;
    return hand_over(EPOLLIN, EPOLL_CTL_ADD);
}

void Connection::end(End reason) {
    auto none = End::none;
    // A client that does not read cannot be told; only the end of both directions wakes us then.
    if (end_.compare_exchange_strong(none, reason)) ::shutdown(socket_.get(), stalled_ ? SHUT_RDWR : SHUT_RD);
}

void Connection::end_if_idle(Steady::time_point now, std::chrono::seconds timeout) {
    if (working_) return; // the timer does not run while we work
    if (now - Steady::time_point(Steady::duration(last_activity_)) >= timeout) end(End::idle);
}

void Connection::end_if_resting() {
    if (resting_) end(End::shutdown);
}

void Connection::serve(InputBuffer& buffer) {
    ++server_.busy_threads;
    working_.exchange(true); // sees all that was done before hand_over
    resting_ = stalled_ = false;
    auto next = serve_once(buffer);
    while (next == Next::read_more || (next == Next::stay_for_client && server_.can_spare_a_thread()))
        next = serve_once(buffer);
    --server_.busy_threads;
    next == Next::close ? hang_up() : wait(next);
}

// The last step puts the connection back: from then on it is another's.
void Connection::wait(Next next) {
    last_activity_ = Steady::now().time_since_epoch().count();
    resting_ = session_.between_transactions() && output_.empty();
    stalled_ = next == Next::wait_for_room;
    if (server_.stopping) end_if_resting();
    if (!hand_over(next == Next::wait_for_room ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD)) hang_up();
}

// Whoever sees the event has the connection; until then nobody. false: there will be none.
bool Connection::hand_over(std::uint32_t event, int operation) {
    const int socket = socket_.get();
    auto& server = server_;
    working_ = false;
    return server.watch(*this, socket, event, operation);
}

// One read and everything that follows from it. Nothing is read before the last answers are out: a client that does not
// listen must not make us collect replies for it.
Connection::Next Connection::serve_once(InputBuffer& buffer) {
    if (!output_.empty()) {
        const auto next = flush();
        return next == Next::stay_for_client ? Next::read_more : next;
    }
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0); // no longer than our patience
    if (got < 0 && errno == EINTR) return Next::read_more;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Next::wait_for_client;
    if (got <= 0) {
        session_.connection_lost();
        if (end_ == End::idle) output_ += session_.timeout_reply();
        if (end_ == End::shutdown) output_ += session_.shutdown_reply();
        flush();
        return Next::close;
    }
    session_.feed({buffer.data(), static_cast<std::size_t>(got)}, output_);
    const auto next = flush();
    if (session_.closing()) return Next::close;
    return next == Next::stay_for_client && static_cast<std::size_t>(got) == buffer.size() ? Next::read_more : next;
}

// stay_for_client: all is written.
Connection::Next Connection::flush() {
    std::size_t done = 0;
    while (done < output_.size()) {
        const auto sent =
            ::send(socket_.get(), output_.data() + done, output_.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
            output_.erase(0, done);
            return full ? Next::wait_for_room : Next::close;
        }
        done += static_cast<std::size_t>(sent);
    }
    output_.clear();
    if (output_.capacity() > 4096) output_.shrink_to_fit();
    return Next::stay_for_client;
}

void Connection::hang_up() {
    session_.connection_lost();
    server_.forget(*this);
}

// ---- Server

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

// Of a Unix socket; nullopt on TCP, where nobody is vouched for.
std::optional<uid_t> peer_user(int fd) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || credentials.pid == 0)
        return std::nullopt;
    return credentials.uid;
}

bool is_allowed(int fd, const std::optional<std::vector<uid_t>>& allowed) {
    const auto user = peer_user(fd);
    if (!allowed || !user || *user == 0 || *user == ::geteuid()) return true;
    return std::find(allowed->begin(), allowed->end(), *user) != allowed->end();
}

void turn_away(int fd, std::string_view line) {
    ::send(fd, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL); // best effort: it is only a courtesy
}

bool Server::watch(Connection& connection, int socket, std::uint32_t event, int operation) {
    epoll_event wanted{.events = event | EPOLLONESHOT, .data = {.ptr = &connection}};
    return ::epoll_ctl(waiting_.get(), operation, socket, &wanted) == 0;
}

Status Server::run(std::vector<FileDescriptor> listeners) {
    epoll_event end{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (::epoll_ctl(waiting_.get(), EPOLL_CTL_ADD, over_.get(), &end) != 0)
        return fail(system_error(errno, "cannot wait for", "connections"));
    TRY(listen(listeners));
    hear_signals();
    sweep();
    if (options.ready) options.ready();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.threads; ++i)
        threads.emplace_back([this] { serve_connections(); });
    control_.run();
    ::eventfd_write(over_.get(), 1);
    for (auto& thread : threads)
        thread.join();
    return {};
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
    InputBuffer buffer;
    for (;;) {
        epoll_event event{};
        if (::epoll_wait(waiting_.get(), &event, 1, -1) < 1) continue; // a signal
        if (!event.data.ptr) return;
        static_cast<Connection*>(event.data.ptr)->serve(buffer);
    }
}

void Server::accept_on(Listener& listener) {
    listener.async_wait(Listener::wait_read, [this, &listener](const boost::system::error_code& closed) {
        if (closed) return;
        FileDescriptor socket(::accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket)
            admit(std::move(socket));
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

void Server::admit(FileDescriptor socket) {
    const int fd = socket.get();
    if (!is_allowed(fd, options.allowed_peers)) return turn_away(fd, "421 4.7.0 you may not use this socket\r\n");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on Unix sockets, which need none
    auto service = options.admit(peer_address(fd));
    const std::lock_guard lock(connections_mutex_);
    if (connections_.size() >= options.max_connections)
        return turn_away(fd, "421 4.3.2 too many connections, try again later\r\n");
    auto& connection = connections_.emplace_back(*this, std::move(socket), std::move(service));
    connection.place = std::prev(connections_.end());
    if (!connection.start()) connections_.pop_back();
}

// Under the lock: the sweeper must not touch the successor of its descriptor.
void Server::forget(Connection& connection) {
    std::list<Connection> gone;
    const std::lock_guard lock(connections_mutex_);
    gone.splice(gone.end(), connections_, connection.place);
}

void Server::sweep() {
    const auto now = Steady::now();
    {
        const std::lock_guard lock(connections_mutex_);
        for (auto& connection : connections_) {
            connection.end_if_idle(now, options.idle_timeout);
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
    if (options.reload) options.reload();
    notify_service_manager("READY=1");
}

void Server::stop() {
    if (stopping.exchange(true)) return;
    notify_service_manager("STOPPING=1");
    stop_deadline_ = Steady::now() + options.drain_timeout;
    for (auto& listener : listeners_) {
        boost::system::error_code ignored;
        listener.close(ignored);
    }
    signals_.cancel();
    sweep_timer_.cancel();
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
