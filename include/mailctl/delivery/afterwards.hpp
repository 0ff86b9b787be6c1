// SPDX-License-Identifier: Apache-2.0
// Afterwards: work that may take a while and that no client waits for, done one after another by a thread of its own.
// Bounded: what would make it grow without end is turned away. At the end of the process what is in hand is finished.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace mailctl {

class Afterwards {
  public:
    enum class Turn { now, never }; // never: there is no room, no time or no thread for it
    // Called once, from whatever thread; may throw nothing.
    using Work = std::function<void(Turn)>;

    explicit Afterwards(std::size_t most = 1000) : most_(most) {}
    ~Afterwards() { finish({}); }
    Afterwards(const Afterwards&) = delete;
    Afterwards& operator=(const Afterwards&) = delete;

    void add(Work work);
    [[nodiscard]] std::size_t waiting(); // what has not begun yet
    // Until everything is done; what has not begun within `limit` is told that it never will. Nothing is taken after.
    void finish(std::chrono::milliseconds limit);

  private:
    bool has_thread();
    void run();

    std::size_t most_;
    std::mutex mutex_; // guards what follows
    std::condition_variable changed_;
    std::deque<Work> waiting_;
    bool closed_ = false;
    std::chrono::steady_clock::time_point deadline_{};
    std::thread thread_; // since the first work
};

} // namespace mailctl
