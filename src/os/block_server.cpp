// SPDX-License-Identifier: Apache-2.0
// One thread polls: it alone owns the clients, but for those whose question is in hand. A client has one question in
// hand at most, so what waits for a thread is bounded by the clients, and who sends many at once waits for his answers.
#include "mailctl/os/block_server.hpp"

#include "mailctl/os/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <list>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>

namespace mailctl {
namespace {

using BlockClock = std::chrono::steady_clock;
constexpr std::string_view block_end = "\n\n";

struct Asker {
    explicit Asker(FileDescriptor connected) : socket(std::move(connected)) {}
    FileDescriptor socket;
    std::string input{};
    BlockClock::time_point since = BlockClock::now(); // of the first byte of a question, else of the last answer
    std::atomic<bool> in_hand = false;                // a thread has it, and nobody else looks at it
    bool gone = false;
};

class PollingServer final : public BlockServer {
  public:
    PollingServer(std::vector<FileDescriptor> listeners, BlockServerOptions options, FileDescriptor wake)
        : options_(std::move(options)), listeners_(std::move(listeners)), wake_(std::move(wake)) {}
    PollingServer(const PollingServer&) = delete;
    PollingServer& operator=(const PollingServer&) = delete;
    ~PollingServer() override;
    void start_threads();
    void stop() override;

  private:
    void poll_clients();
    void wait();
    void accept_from(int listener);
    void admit(FileDescriptor socket);
    [[nodiscard]] bool has_place();
    void read_from(Asker& asker);
    void take_question(Asker& asker);
    void end_late(BlockClock::time_point now);
    void answer_questions();
    void answer(Asker& asker);
    void wake() { ::eventfd_write(wake_.get(), 1); }

    const BlockServerOptions options_;
    std::vector<FileDescriptor> listeners_;
    FileDescriptor wake_; // readable: an answer was given, or it is time to stop
    std::atomic<bool> stopping_ = false;
    std::list<Asker> askers_;    // the polling thread's
    std::vector<pollfd> events_; // the same
    std::mutex mutex_;           // guards what follows
    std::condition_variable changed_;
    std::deque<Asker*> questions_;
    bool over_ = false;
    std::thread poller_;
    std::vector<std::thread> answerers_;
};

void PollingServer::start_threads() {
    while (answerers_.size() < options_.threads)
        answerers_.emplace_back([this] { answer_questions(); });
    poller_ = std::thread([this] { poll_clients(); });
}

PollingServer::~PollingServer() {
    stop();
    if (poller_.joinable()) poller_.join();
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    for (auto& thread : answerers_)
        thread.join();
}

void PollingServer::stop() {
    stopping_ = true;
    wake();
}

void PollingServer::poll_clients() {
    while (!stopping_ || !askers_.empty()) {
        wait();
        if (stopping_) listeners_.clear();
        try {
            for (auto& asker : askers_)
                if (!asker.in_hand && !asker.gone) take_question(asker);
        } catch (const std::exception&) { // std::bad_alloc: in a moment there may be memory again
        }
        end_late(BlockClock::now());
        askers_.remove_if([](const Asker& asker) { return !asker.in_hand && asker.gone; });
    }
}

// For bytes, clients and answers; a second at most, so that who is late is found.
void PollingServer::wait() {
    constexpr int sweep_ms = 1000, pause_ms = 50;
    try {
        events_.clear();
        events_.push_back({wake_.get(), POLLIN, 0});
        for (const auto& listener : listeners_)
            events_.push_back({listener.get(), POLLIN, 0});
        std::vector<Asker*> waiting;
        for (auto& asker : askers_)
            if (!asker.in_hand) {
                events_.push_back({asker.socket.get(), POLLIN, 0});
                waiting.push_back(&asker);
            }
        const auto first_asker = events_.size() - waiting.size();
        if (::poll(events_.data(), events_.size(), sweep_ms) <= 0) return;
        eventfd_t count = 0;
        if (events_[0].revents != 0) ::eventfd_read(wake_.get(), &count);
        for (std::size_t i = 0; i < waiting.size(); ++i)
            if (events_[first_asker + i].revents != 0) read_from(*waiting[i]);
        for (std::size_t i = 1; i < first_asker && !stopping_; ++i)
            if (events_[i].revents != 0) accept_from(events_[i].fd);
    } catch (const std::exception&) { // std::bad_alloc
        ::poll(nullptr, 0, pause_ms);
    }
}

// As many as wait, but not for ever: the others have questions.
void PollingServer::accept_from(int listener) {
    constexpr int pause_ms = 50, most_at_once = 100;
    for (int admitted = 0; admitted < most_at_once; ++admitted) {
        FileDescriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                ::poll(nullptr, 0, pause_ms); // else this would spin
            return;
        }
        admit(std::move(socket));
    }
}

void PollingServer::admit(FileDescriptor socket) {
    if (!is_allowed_peer(socket.get(), options_.allowed_peers) || !has_place()) return;
    askers_.emplace_back(std::move(socket));
}

// Who is quiet longest goes: Postfix asks him again when there is something to ask.
bool PollingServer::has_place() {
    if (askers_.size() < options_.max_clients) return true;
    auto longest = askers_.end();
    for (auto asker = askers_.begin(); asker != askers_.end(); ++asker)
        if (!asker->in_hand && (longest == askers_.end() || asker->since < longest->since)) longest = asker;
    if (longest == askers_.end()) return false;
    askers_.erase(longest);
    return true;
}

void PollingServer::read_from(Asker& asker) {
    std::array<char, 4096> piece;
    const auto got = ::recv(asker.socket.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        asker.gone = true;
        return;
    }
    if (asker.input.empty()) asker.since = BlockClock::now();
    asker.input.append(piece.data(), static_cast<std::size_t>(got));
}

// A whole question goes to whichever thread is free.
void PollingServer::take_question(Asker& asker) {
    const auto end = asker.input.starts_with('\n') ? 0 : asker.input.find(block_end);
    if (end == asker.input.npos && asker.input.size() <= options_.longest_question) return;
    if (end == asker.input.npos || end > options_.longest_question) {
        const auto& said = options_.too_long;
        (void)::send(asker.socket.get(), said.data(), said.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        asker.gone = true;
        return;
    }
    const std::lock_guard lock(mutex_);
    questions_.push_back(&asker);
    asker.in_hand = true;
    changed_.notify_one();
}

void PollingServer::end_late(BlockClock::time_point now) {
    for (auto& asker : askers_) {
        if (asker.in_hand) continue;
        const auto limit = asker.input.empty() ? options_.quiet_time : options_.question_time;
        if (stopping_ || now - asker.since >= limit) asker.gone = true;
    }
}

void PollingServer::answer_questions() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return over_ || !questions_.empty(); });
        if (questions_.empty()) return;
        auto& asker = *questions_.front();
        questions_.pop_front();
        lock.unlock();
        answer(asker);
        wake();
        lock.lock();
    }
}

// The last step gives the client back: from then on he is the polling thread's.
void PollingServer::answer(Asker& asker) {
    try {
        const bool is_empty = asker.input.starts_with('\n');
        const auto end = is_empty ? 0 : asker.input.find(block_end);
        const auto text = options_.answer(std::string_view(asker.input).substr(0, end));
        const auto sent = ::send(asker.socket.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        asker.gone = sent < 0 || static_cast<std::size_t>(sent) != text.size();
        asker.input.erase(0, end + (is_empty ? 1 : block_end.size()));
    } catch (const std::exception&) { // std::bad_alloc
        asker.gone = true;
    }
    asker.since = BlockClock::now();
    asker.in_hand = false;
}

} // namespace

Result<std::unique_ptr<BlockServer>> BlockServer::start(std::vector<FileDescriptor> listeners,
                                                        BlockServerOptions options) {
    FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) return fail(system_error(errno, "cannot wait for", "questions"));
    for (const auto& listener : listeners) // who hung up again is not waited for
        if (::fcntl(listener.get(), F_SETFL, ::fcntl(listener.get(), F_GETFL) | O_NONBLOCK) != 0)
            return fail(system_error(errno, "cannot use", "the listening socket"));
    try {
        auto server = std::make_unique<PollingServer>(std::move(listeners), std::move(options), std::move(wake));
        server->start_threads();
        return server;
    } catch (const std::exception& problem) { // std::system_error, std::bad_alloc
        return fail(ErrorKind::temporary, fmt::format("cannot answer questions: {}", problem.what()));
    }
}

} // namespace mailctl
