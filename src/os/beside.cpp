// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/beside.hpp"

#include <system_error>

namespace mailctl {

void Beside::begin(std::function<void()> work) {
    wait();
    try {
        thread_ = std::jthread(work);
    } catch (const std::system_error&) { // no more threads
        work();
    }
}

void Beside::wait() {
    if (thread_.joinable()) thread_.join();
}

} // namespace mailctl
