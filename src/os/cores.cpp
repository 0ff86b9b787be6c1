// SPDX-License-Identifier: Apache-2.0
// Threads that take the next piece until there is none; this one takes pieces too, and shows how far all have come.
#include "mailctl/os/cores.hpp"

#include "mailctl/os/progress.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace mailctl {

void on_every_core(const std::string& what, std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0}, done{0};
    const auto take = [&] {
        const auto piece = next++;
        if (piece >= count) return false;
        work(piece);
        ++done;
        return true;
    };
    Progress progress(what, count);
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(cores, count); ++i)
        helpers.emplace_back([&] {
            while (take()) {
            }
        });
    for (std::size_t shown = 0; take();) {
        const auto now = done.load();
        progress.step(now - shown);
        shown = now;
    }
}

} // namespace mailctl
