// Boost.Asio says when a socket can be read or written; the bytes are moved here, through one buffer per thread, so
// that an idle connection holds none. A thread stays with its connection for a moment after each answer while others
// are free: the client's next bytes usually follow at once, and waking another thread costs more than waiting for them.
#include "mailctl/system/lmtp_server.hpp"

#include "mailctl/system/service_manager.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <list>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

namespace asio = boost::asio;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using Steady = std::chrono::steady_clock;

constexpr int linger_milliseconds = 5;          // how long a thread waits with its connection
constexpr std::size_t input_buffer = 64 * 1024; // per thread
constexpr auto sweep_interval = std::chrono::seconds(1);

class Server;

// One client. Its handlers never run at the same time; only the atomics are read from outside.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Server& server, Protocol::socket socket, LmtpService service);
    void start();
    // From the sweeper: the next read will find the end, and the given reason is told to the client.
    enum class End { none, idle, shutdown };
    void end_if_idle(Steady::time_point now, std::chrono::seconds timeout);
    void end_if_resting();
    void end_now() { end(End::shutdown); }

    std::list<std::shared_ptr<Connection>>::iterator place; // in the server's list

  private:
    void end(End reason);
    void wait_readable();
    void on_readable();
    enum class Next { read_more, wait_for_client, wait_for_room, close };
    Next serve_once();
    Next flush();
    [[nodiscard]] bool linger();
    void hang_up();

    Server& server_;
    Protocol::socket socket_;
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
        : options(server_options), control_(asio::make_strand(io)), signals_(control_), sweep_timer_(control_) {}
    Status run(std::vector<FileDescriptor> listeners);
    void forget(Connection& connection);

    const LmtpServerOptions& options;
    asio::io_context io;
    std::atomic<unsigned> busy_threads = 0;
    std::atomic<bool> stopping = false;

  private:
    void accept_on(Acceptor& acceptor);
    void admit(Protocol::socket socket);
    void sweep();
    void on_signal(int number);
    void stop();

    asio::strand<asio::io_context::executor_type> control_; // accepting, signals and the sweep, one at a time
    asio::signal_set signals_;
    asio::steady_timer sweep_timer_;
    std::list<Acceptor> acceptors_;
    std::mutex connections_mutex_;
    std::list<std::shared_ptr<Connection>> connections_;
    Steady::time_point stop_deadline_;
};

// ---- Connection

Connection::Connection(Server& server, Protocol::socket socket, LmtpService service)
    : server_(server), socket_(std::move(socket)), handler_(std::move(service.handler)),
      session_(service.limits, std::move(service.hostname), *handler_),
      last_activity_(Steady::now().time_since_epoch().count()) {}

void Connection::start() {
    output_ = session_.greeting();
    const auto next = flush();
    if (next == Next::close) return hang_up();
    working_ = false;
    resting_ = true;
    wait_readable();
}

void Connection::end(End reason) {
    auto none = End::none;
    // A client that does not read cannot be told; only the end of both directions wakes us then.
    if (end_.compare_exchange_strong(none, reason)) ::shutdown(socket_.native_handle(), stalled_ ? SHUT_RDWR : SHUT_RD);
}

void Connection::end_if_idle(Steady::time_point now, std::chrono::seconds timeout) {
    if (working_) return; // the timer does not run while we work
    if (now - Steady::time_point(Steady::duration(last_activity_)) >= timeout) end(End::idle);
}

void Connection::end_if_resting() {
    if (resting_) end(End::shutdown);
}

void Connection::wait_readable() {
    socket_.async_wait(Protocol::socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           error ? self->hang_up() : self->on_readable();
                       });
}

void Connection::on_readable() {
    server_.busy_threads.fetch_add(1, std::memory_order_relaxed);
    working_ = true;
    resting_ = stalled_ = false;
    auto next = Next::read_more;
    while (next == Next::read_more) {
        next = serve_once();
        if (next == Next::wait_for_client && linger()) next = Next::read_more;
    }
    server_.busy_threads.fetch_sub(1, std::memory_order_relaxed);
    if (next == Next::close) return hang_up();
    last_activity_ = Steady::now().time_since_epoch().count();
    resting_ = session_.between_transactions() && output_.empty();
    stalled_ = next == Next::wait_for_room;
    working_ = false;
    if (server_.stopping) end_if_resting();
    if (next == Next::wait_for_room) {
        socket_.async_wait(Protocol::socket::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                               error ? self->hang_up() : self->on_readable();
                           });
    } else {
        wait_readable();
    }
}

// One read and everything that follows from it. Nothing is read before the last answers are out: a client that does not
// listen must not make us collect replies for it.
Connection::Next Connection::serve_once() {
    thread_local std::array<char, input_buffer> buffer;
    if (!output_.empty()) {
        const auto next = flush();
        return next == Next::wait_for_client ? Next::read_more : next;
    }
    const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
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
    return next == Next::wait_for_client && static_cast<std::size_t>(got) == buffer.size() ? Next::read_more : next;
}

// wait_for_client: all is written.
Connection::Next Connection::flush() {
    std::size_t done = 0;
    while (done < output_.size()) {
        const auto sent =
            ::send(socket_.native_handle(), output_.data() + done, output_.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
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
    return Next::wait_for_client;
}

bool Connection::linger() {
    if (server_.stopping || server_.busy_threads.load(std::memory_order_relaxed) + 2 > server_.options.threads)
        return false;
    pollfd readable{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    return ::poll(&readable, 1, linger_milliseconds) > 0;
}

void Connection::hang_up() {
    session_.connection_lost();
    server_.forget(*this); // before the descriptor closes: the sweeper must not touch its successor
    boost::system::error_code ignored;
    socket_.close(ignored);
}

// ---- Server

std::string peer_address(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    std::array<char, NI_MAXHOST> host{};
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::getpeername(socket, generic, &length) != 0) return {};
    if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return {};
    if (::getnameinfo(generic, length, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
    return host.data();
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

Status Server::run(std::vector<FileDescriptor> listeners) {
    for (auto& listener : listeners) {
        sockaddr_storage address{};
        socklen_t length = sizeof address;
        if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
            return fail(system_error(errno, "cannot use", "the listening socket"));
        const int own = ::fcntl(listener.get(), F_DUPFD_CLOEXEC, 0);
        if (own < 0) return fail(system_error(errno, "cannot use", "the listening socket"));
        acceptors_.emplace_back(control_, Protocol(address.ss_family, 0), own);
        accept_on(acceptors_.back());
    }
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
    sweep();
    if (options.ready) options.ready();
    std::vector<std::thread> others;
    for (unsigned i = 1; i < options.threads; ++i)
        others.emplace_back([this] { io.run(); });
    io.run();
    for (auto& thread : others)
        thread.join();
    return {};
}

void Server::accept_on(Acceptor& acceptor) {
    acceptor.async_accept(io, [this, &acceptor](const boost::system::error_code& error, Protocol::socket socket) {
        if (!acceptor.is_open()) return;
        if (!error) {
            admit(std::move(socket));
            return accept_on(acceptor);
        }
        // No descriptor or memory to be had: a moment later there may be. Without the pause this would spin.
        auto pause = std::make_shared<asio::steady_timer>(control_, std::chrono::milliseconds(100));
        pause->async_wait([this, &acceptor, pause](const boost::system::error_code&) {
            if (acceptor.is_open()) accept_on(acceptor);
        });
    });
}

void Server::admit(Protocol::socket socket) {
    const int fd = socket.native_handle();
    if (!is_allowed(fd, options.allowed_peers)) return turn_away(fd, "421 4.7.0 you may not use this socket\r\n");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on Unix sockets, which need none
    auto service = options.admit(peer_address(fd));
    std::shared_ptr<Connection> connection;
    {
        const std::lock_guard lock(connections_mutex_);
        if (connections_.size() >= options.max_connections)
            return turn_away(fd, "421 4.3.2 too many connections, try again later\r\n");
        connection = std::make_shared<Connection>(*this, std::move(socket), std::move(service));
        connection->place = connections_.insert(connections_.end(), connection);
    }
    connection->start();
}

void Server::forget(Connection& connection) {
    const std::lock_guard lock(connections_mutex_);
    if (connection.place == connections_.end()) return;
    connections_.erase(connection.place);
    connection.place = connections_.end();
}

void Server::sweep() {
    const auto now = Steady::now();
    {
        const std::lock_guard lock(connections_mutex_);
        for (const auto& connection : connections_) {
            connection->end_if_idle(now, options.idle_timeout);
            if (stopping) now >= stop_deadline_ ? connection->end_now() : connection->end_if_resting();
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
    for (auto& acceptor : acceptors_) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
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
