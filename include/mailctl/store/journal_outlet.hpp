// SPDX-License-Identifier: Apache-2.0
// JournalOutlet: where lines go that may not be taken at once: a pipe, a FIFO, a terminal, a socket, syslog. Nobody
// waits for it: what is not taken now stands in a bounded queue with a writer of its own, in order and whole; what has
// no room there is counted, and a line says how many were lost. Shared by the writer, which may outlive its Journal:
// nothing can interrupt a write to a terminal that is held.
#pragma once

#include "mailctl/os/files.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mailctl {

// What the bytes go into. Used by one thread at a time.
class JournalDrain {
  public:
    virtual ~JournalDrain() = default;
    // Can it be tried without waiting for descriptor() first? Then put() never blocks.
    [[nodiscard]] virtual bool never_blocks() const = 0;
    [[nodiscard]] virtual int descriptor() = 0; // to wait for; -1: it cannot be opened now
    // As write(2): how many bytes were taken, or -1 and errno; EAGAIN: none now.
    virtual ssize_t put(std::string_view bytes) = 0;
    virtual void reopen() = 0;
};
[[nodiscard]] std::unique_ptr<JournalDrain> drain_into_stream(int descriptor); // of ours: standard output or error
[[nodiscard]] std::unique_ptr<JournalDrain> drain_into_fifo(std::string path); // nobody may have it open
[[nodiscard]] std::unique_ptr<JournalDrain> drain_into_syslog(std::string socket_path, std::string program);

class JournalOutlet : public std::enable_shared_from_this<JournalOutlet> {
  public:
    // `lost_line` makes the line that says how many were lost.
    using LostLine = std::function<std::string(std::uint64_t lost)>;
    JournalOutlet(std::unique_ptr<JournalDrain> drain, LostLine lost_line)
        : drain_(std::move(drain)), lost_line_(std::move(lost_line)) {}

    void write(std::string line); // with its end
    void reopen();
    // Nothing more is taken; what waits is written until `deadline`. Does not wait for it.
    void close(std::chrono::steady_clock::time_point deadline);
    void wait_until_closed(); // no longer than that deadline

  private:
    enum class Put { done, blocked };
    Put put_now(std::string_view& rest);
    void queue(std::string line, std::string_view rest);
    void run();
    bool wait_for_room(std::unique_lock<std::mutex>& lock);
    void say_what_was_lost();

    std::mutex mutex_; // guards what follows
    std::condition_variable changed_;
    std::unique_ptr<JournalDrain> drain_;
    LostLine lost_line_;
    std::deque<std::string> waiting_;
    std::size_t begun_ = 0; // bytes of the first one that are written
    std::size_t bytes_ = 0; // of all that wait
    std::uint64_t lost_ = 0;
    bool has_writer_ = false, closed_ = false, reopen_ = false;
    std::chrono::steady_clock::time_point deadline_{};
};

} // namespace mailctl
