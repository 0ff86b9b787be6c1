// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/progress.hpp"

#include <doctest/doctest.h>

using namespace mailctl;
using namespace std::chrono_literals;

TEST_CASE("progress says how many of how many, how fast, and how long still") {
    CHECK(progress_text("compiling domains", 1200, 10000, 500ms) ==
          "compiling domains 1,200 of 10,000, 2,400/s, 4 s left");
    CHECK(progress_text("rendering domains", 10000, 10000, 2000ms) == "rendering domains 10,000 of 10,000, 5,000/s");
}

TEST_CASE("without a total progress has no end to tell of") {
    CHECK(progress_text("measuring mailboxes", 1234567, 0, 1000ms) == "measuring mailboxes 1,234,567, 1,234,567/s");
    CHECK(progress_text("measuring mailboxes", 0, 0, 0ms) == "measuring mailboxes 0");
}
