// SPDX-License-Identifier: Apache-2.0
// The writer is a thread that is there only while lines wait, and is never joined: it holds the outlet by a shared
// pointer, and lets go of the lock while it waits for room or writes. Meanwhile nobody else uses the drain: others do
// only where no line waits, and the line being written does.
#include "mailctl/store/journal_outlet.hpp"

#include "mailctl/base/bounds.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace mailctl {
namespace {

constexpr std::chrono::milliseconds look{200}; // how often a writer that waits looks for the end

// A descriptor that others share: it is not made non-blocking, but waited for. A pipe that is ready takes PIPE_BUF
// bytes.
class StreamDrain final : public JournalDrain {
  public:
    explicit StreamDrain(int descriptor) : descriptor_(descriptor) {}
    bool never_blocks() const override { return false; }
    int descriptor() override { return descriptor_; }
    ssize_t put(std::string_view bytes) override {
        return ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    }
    void reopen() override {}

  private:
    int descriptor_;
};

class FifoDrain final : public JournalDrain {
  public:
    explicit FifoDrain(std::string path) : path_(std::move(path)) {}
    bool never_blocks() const override { return true; }
    int descriptor() override {
        if (!fifo_) fifo_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
        return fifo_.get();
    }
    ssize_t put(std::string_view bytes) override {
        const auto taken = ::write(descriptor(), bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
        if (taken < 0 && errno != EAGAIN && errno != EINTR) { // its reader is gone: the next one may come
            const int problem = errno;
            reopen();
            errno = problem;
        }
        return taken;
    }
    void reopen() override { fifo_ = {}; }

  private:
    std::string path_;
    FileDescriptor fifo_;
};

// RFC 3164, as the C library writes it; that one waits where the socket is full.
class SyslogDrain final : public JournalDrain {
  public:
    SyslogDrain(std::string socket_path, std::string program)
        : path_(std::move(socket_path)), program_(std::move(program)) {}
    bool never_blocks() const override { return true; }
    int descriptor() override {
        if (!socket_) connect();
        return socket_.get();
    }
    ssize_t put(std::string_view line) override {
        auto text = head();
        text += line.substr(0, line.find('\n'));
        for (int attempt = 0; attempt < 2; ++attempt) { // the other side may have been started anew
            const auto sent = ::send(descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent >= 0) return static_cast<ssize_t>(line.size());
            if (errno == EAGAIN || errno == EINTR) return -1;
            reopen();
        }
        return -1;
    }
    void reopen() override { socket_ = {}; }

  private:
    void connect() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket_ = {};
    }
    [[nodiscard]] std::string head() const {
        constexpr int mail_info = (2 << 3) | 6;
        std::array<char, 32> when{};
        const std::time_t now = std::time(nullptr);
        std::tm local{};
        ::localtime_r(&now, &local);
        const auto length = std::strftime(when.data(), when.size(), "%b %e %T", &local);
        return fmt::format("<{}>{} {}[{}]: ", mail_info, std::string_view(when.data(), length), program_, ::getpid());
    }

    std::string path_, program_;
    FileDescriptor socket_;
};

} // namespace

std::unique_ptr<JournalDrain> drain_into_stream(int descriptor) { return std::make_unique<StreamDrain>(descriptor); }
std::unique_ptr<JournalDrain> drain_into_fifo(std::string path) { return std::make_unique<FifoDrain>(std::move(path)); }
std::unique_ptr<JournalDrain> drain_into_syslog(std::string socket_path, std::string program) {
    return std::make_unique<SyslogDrain>(std::move(socket_path), std::move(program));
}

// Takes from `rest` what the drain takes. done: all of it, or it can't be written and is lost.
JournalOutlet::Put JournalOutlet::put_now(std::string_view& rest) {
    while (!rest.empty()) {
        const auto taken = drain_->put(rest);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0 && errno == EAGAIN) return Put::blocked;
        if (taken < 0) {
            ++lost_;
            return Put::done;
        }
        rest.remove_prefix(static_cast<std::size_t>(taken));
    }
    return Put::done;
}

void JournalOutlet::write(std::string line) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (lost_ > 0 && waiting_.empty()) say_what_was_lost();
    std::string_view rest(line);
    const bool try_now = waiting_.empty() && drain_->never_blocks();
    if (try_now && std::exchange(reopen_, false)) drain_->reopen();
    if (!try_now || put_now(rest) == Put::blocked) queue(std::move(line), rest);
}

// `rest` is the end of `line` that is still to be written.
void JournalOutlet::queue(std::string line, std::string_view rest) {
    if (bytes_ + rest.size() > bounds::journal_queue) {
        ++lost_;
        return;
    }
    if (waiting_.empty()) begun_ = line.size() - rest.size();
    bytes_ += rest.size();
    waiting_.push_back(std::move(line));
    if (has_writer_) return;
    try {
        std::thread([self = shared_from_this()] { self->run(); }).detach();
        has_writer_ = true;
    } catch (const std::exception&) { // no thread to be had
        waiting_.clear();
        bytes_ = 0;
        ++lost_;
    }
}

// Stays while there is something to write, or for a moment more: starting a thread for each line would cost more.
void JournalOutlet::run() {
    constexpr std::chrono::seconds lingering{10};
    std::unique_lock lock(mutex_);
    for (;;) {
        if (waiting_.empty()) changed_.wait_for(lock, lingering, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) break;
        if (!wait_for_room(lock)) break;
        const std::string_view rest = std::string_view(waiting_.front()).substr(begun_);
        lock.unlock();
        const auto taken = drain_->put(rest);
        const bool later = taken < 0 && (errno == EAGAIN || errno == EINTR);
        lock.lock();
        if (taken < 0 && !later) ++lost_;
        const auto gone = taken >= 0 ? static_cast<std::size_t>(taken) : later ? 0 : rest.size();
        bytes_ -= gone;
        begun_ += gone;
        if (gone < rest.size()) continue;
        waiting_.pop_front();
        begun_ = 0;
    }
    has_writer_ = false;
    changed_.notify_all();
}

// Without the lock. false: the time for that is over.
bool JournalOutlet::wait_for_room(std::unique_lock<std::mutex>& lock) {
    for (;;) {
        if (closed_ && std::chrono::steady_clock::now() >= deadline_) return false;
        if (std::exchange(reopen_, false)) drain_->reopen();
        const int descriptor = drain_->descriptor();
        if (descriptor < 0) return true; // put() will tell
        lock.unlock();
        pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
        const int ready = ::poll(&room, 1, static_cast<int>(look.count()));
        lock.lock();
        if (ready > 0) return true;
    }
}

void JournalOutlet::say_what_was_lost() {
    auto line = lost_line_(std::exchange(lost_, 0));
    std::string_view rest(line);
    if (!drain_->never_blocks() || put_now(rest) == Put::blocked) queue(std::move(line), rest);
}

void JournalOutlet::reopen() {
    const std::lock_guard lock(mutex_);
    reopen_ = true; // by the next who uses it
}

void JournalOutlet::close(std::chrono::steady_clock::time_point deadline) {
    const std::lock_guard lock(mutex_);
    if (lost_ > 0 && !closed_ && waiting_.empty()) say_what_was_lost();
    closed_ = true;
    deadline_ = deadline;
    changed_.notify_all();
}

void JournalOutlet::wait_until_closed() {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline_, [this] { return !has_writer_; });
}

} // namespace mailctl
