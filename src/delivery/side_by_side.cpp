// SPDX-License-Identifier: Apache-2.0
// The caller watches; threads take the next piece each. Where none can be started the caller does the work itself.
#include "side_by_side.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace mailctl {
namespace {

constexpr std::chrono::milliseconds quick{50}; // within which a piece of work is expected to be done

class WorkInTurn {
  public:
    WorkInTurn(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

    void take_turns() {
        std::unique_lock lock(mutex_);
        while (next_ < count_) {
            const auto mine = next_++;
            lock.unlock();
            work_(mine);
            lock.lock();
            ++done_;
            changed_.notify_one();
        }
    }
    // Until something was done, or for a moment. Is there work that nobody has begun, and nothing was done meanwhile?
    bool waits_for_company() {
        std::unique_lock lock(mutex_);
        const auto before = done_;
        changed_.wait_for(lock, quick, [&] { return done_ != before || done_ == count_; });
        return done_ == before && next_ < count_;
    }
    [[nodiscard]] bool is_begun() {
        const std::lock_guard lock(mutex_);
        return next_ == count_;
    }

  private:
    std::size_t count_;
    const std::function<void(std::size_t)>& work_;
    std::mutex mutex_; // guards what follows
    std::condition_variable changed_;
    std::size_t next_ = 0, done_ = 0;
};

bool start(std::vector<std::thread>& threads, WorkInTurn& turns) {
    try {
        threads.emplace_back([&turns] { turns.take_turns(); });
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

} // namespace

void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work, const SideBySide& limits) {
    WorkInTurn turns(count, work);
    std::vector<std::thread> threads;
    threads.reserve(limits.most); // nothing throws from here on
    bool can_start = count > 1 && start(threads, turns);
    while (can_start && threads.size() < limits.most && !turns.is_begun())
        if (turns.waits_for_company() && limits.has_room()) can_start = start(threads, turns);
    turns.take_turns();
    for (auto& thread : threads)
        thread.join();
}

} // namespace mailctl
