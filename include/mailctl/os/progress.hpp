// SPDX-License-Identifier: Apache-2.0
// Progress of long work on standard error: how many of how many, the rate, the time left. For people who wait: nothing
// is said off a terminal, or before half a second has passed, and the line is gone when the work is done.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// "compiling domains 1,200 of 10,000, 2,400/s, 4 s left"
[[nodiscard]] std::string progress_text(std::string_view what, std::size_t done, std::size_t total,
                                        std::chrono::milliseconds elapsed);

class Progress {
  public:
    // `what`: "compiling domains". `total` 0: not known.
    Progress(std::string what, std::size_t total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();
    void step(std::size_t count = 1); // a clock is looked at now and then only

    static void silence(); // -q: for the rest of this process

  private:
    void show();

    std::string what_;
    std::size_t total_, done_ = 0, looked_ = 0;
    std::chrono::steady_clock::time_point start_, shown_;
    bool on_, visible_ = false;
};

} // namespace mailctl
