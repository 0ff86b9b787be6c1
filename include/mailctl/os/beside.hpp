// SPDX-License-Identifier: Apache-2.0
// A piece of work done on another core while this thread goes on.
#pragma once

#include <functional>
#include <thread>

namespace mailctl {

class Beside {
  public:
    // One piece at a time: what was begun before is waited for. Where the system gives no thread it is done at once.
    // `work` throws nothing.
    void begin(std::function<void()> work);
    void wait(); // until what was begun is done

  private:
    std::jthread thread_;
};

} // namespace mailctl
