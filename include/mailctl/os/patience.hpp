// SPDX-License-Identifier: Apache-2.0
// The end of waiting where nothing else ends it: a mutex in shared memory or a lock in the kernel that another program
// holds for ever cannot be given up by who waits. `mailctl` ends then, with words; ending at any instant is safe for
// it. The agent never asks for this, and for it all here is nothing.
#pragma once

#include <string>

namespace mailctl {

// For main(): from now on this process ends (exit status 75) when a Patience is exhausted or a mapped file is cut off
// under it (SIGBUS).
void end_process_when_held_up();

// While it lives, and for at most five seconds. `words` say what is waited for and what to do: "'x' is held up",
// "hint". One at a time: a second one within is part of the first.
class Patience {
  public:
    Patience(const std::string& what, const std::string& hint);
    Patience(const Patience&) = delete;
    Patience& operator=(const Patience&) = delete;
    ~Patience();

  private:
    bool counts_ = false;
};

} // namespace mailctl
