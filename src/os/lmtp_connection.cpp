// SPDX-License-Identifier: Apache-2.0
// A thread stays with its client for a moment after each answer while others are free: the client's next bytes usually
// follow at once, and waking another thread costs more than waiting for them.
#include "lmtp_connection.hpp"

#include <cerrno>
#include <exception>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace mailctl {
namespace {

constexpr timeval patience{.tv_sec = 0, .tv_usec = 5000}; // how long a thread waits with its connection

} // namespace

void turn_away(int socket, std::string_view line) {
    ::send(socket, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

LmtpConnection::LmtpConnection(LmtpCrowd& crowd, FileDescriptor socket, LmtpService service)
    : crowd_(crowd), socket_(std::move(socket)), handler_(std::move(service.handler)),
      session_(service.limits, std::move(service.hostname), *handler_),
      last_activity_(Steady::now().time_since_epoch().count()) {}

bool LmtpConnection::start() {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    try {
        output_ = session_.greeting();
    } catch (const std::exception&) { // std::bad_alloc
        return false;
    }
    if (flush() == Next::close) return false;
    resting_ = true;
    return hand_over(EPOLLIN, EPOLL_CTL_ADD);
}

void LmtpConnection::end(End reason) {
    auto none = End::none;
    // A client that does not read cannot be told; only the end of both directions wakes us then.
    if (end_.compare_exchange_strong(none, reason)) ::shutdown(socket_.get(), stalled_ ? SHUT_RDWR : SHUT_RD);
}

void LmtpConnection::end_if_idle(Steady::time_point now, std::chrono::seconds timeout) {
    if (working_) return; // the timer does not run while we work
    if (now - Steady::time_point(Steady::duration(last_activity_)) >= timeout) end(End::idle);
}

void LmtpConnection::end_if_resting() {
    if (resting_) end(End::shutdown);
}

void LmtpConnection::serve(InputBuffer& buffer) {
    ++crowd_.busy_threads;
    working_.exchange(true); // sees all that was done before hand_over
    resting_ = stalled_ = false;
    const auto next = serve_events(buffer);
    --crowd_.busy_threads;
    next == Next::close ? hang_up() : wait(next);
}

LmtpConnection::Next LmtpConnection::serve_events(InputBuffer& buffer) {
    try {
        auto next = serve_once(buffer);
        while (next == Next::read_more || (next == Next::stay_for_client && crowd_.can_spare_a_thread()))
            next = serve_once(buffer);
        return next;
    } catch (const std::exception&) { // std::bad_alloc: what replies there were cannot be told any more
        turn_away(socket_.get(), "421 4.3.0 out of memory, try again later\r\n");
        return Next::close;
    }
}

// The last step puts the connection back: from then on it is another's.
void LmtpConnection::wait(Next next) {
    last_activity_ = Steady::now().time_since_epoch().count();
    resting_ = !session_.has_content() && output_.empty();
    stalled_ = next == Next::wait_for_room;
    if (crowd_.stopping) end_if_resting();
    if (!hand_over(next == Next::wait_for_room ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD)) hang_up();
}

// Whoever sees the event has the connection; until then nobody. false: there will be none.
bool LmtpConnection::hand_over(std::uint32_t event, int operation) {
    const int socket = socket_.get();
    auto& crowd = crowd_;
    working_ = false;
    return crowd.watch(*this, socket, event, operation);
}

// One read and everything that follows from it. Nothing is read before the last answers are out: a client that does not
// listen must not make us collect replies for it.
LmtpConnection::Next LmtpConnection::serve_once(InputBuffer& buffer) {
    if (!output_.empty()) {
        const auto next = flush();
        return next == Next::stay_for_client ? Next::read_more : next;
    }
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0); // no longer than our patience
    if (got < 0 && errno == EINTR) return Next::read_more;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Next::wait_for_client;
    if (got <= 0) return say_goodbye();
    session_.feed({buffer.data(), static_cast<std::size_t>(got)}, output_);
    const auto next = flush();
    if (session_.closing()) return Next::close;
    return next == Next::stay_for_client && static_cast<std::size_t>(got) == buffer.size() ? Next::read_more : next;
}

// Whoever ended it: the client, or we.
LmtpConnection::Next LmtpConnection::say_goodbye() {
    session_.connection_lost();
    if (end_ == End::idle) output_ += session_.timeout_reply();
    if (end_ == End::shutdown) output_ += session_.shutdown_reply();
    flush();
    return Next::close;
}

// stay_for_client: all is written.
LmtpConnection::Next LmtpConnection::flush() {
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

void LmtpConnection::hang_up() {
    session_.connection_lost();
    crowd_.forget(*this);
}

} // namespace mailctl
