// SPDX-License-Identifier: Apache-2.0
#include "mailctl/delivery/afterwards.hpp"

namespace mailctl {

void Afterwards::add(Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_ && waiting_.size() < most_ && has_thread()) {
            waiting_.push_back(std::move(work));
            changed_.notify_one();
            return;
        }
    }
    work(Turn::never);
}

std::size_t Afterwards::waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

// The first work starts it.
bool Afterwards::has_thread() {
    try {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
        return true;
    } catch (const std::exception&) { // std::system_error: there is none to be had
        return false;
    }
}

void Afterwards::finish(std::chrono::milliseconds limit) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) deadline_ = std::chrono::steady_clock::now() + limit;
        closed_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void Afterwards::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const Work work = std::move(waiting_.front());
        waiting_.pop_front();
        const bool too_late = closed_ && std::chrono::steady_clock::now() > deadline_;
        lock.unlock();
        work(too_late ? Turn::never : Turn::now);
        lock.lock();
    }
}

} // namespace mailctl
