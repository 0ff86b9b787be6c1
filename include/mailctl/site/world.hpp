// SPDX-License-Identifier: Apache-2.0
// World: the outside that every administrative operation is handed: where the site lives, the clock, who acts. Made
// once in main; tests make their own over a temporary directory with a clock that stands still.
#pragma once

#include "mailctl/os/clock.hpp"
#include "mailctl/os/paths.hpp"
#include "mailctl/site/rights.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mailctl {

struct World {
    Paths paths;
    Clock clock = now;
    std::string actor;        // SUDO_USER, else the login name: goes into the history
    std::string command_line; // as typed, "mailctl mailbox create ann@a.example": goes into the history
    // Maps that are together smaller than this are made whole at every change, which costs nothing and keeps their rows
    // in order; larger ones are changed row by row.
    std::uint64_t whole_maps_below = std::uint64_t{256} << 10;
    // Domain files of this size or more are not read whole where a change is about some of their accounts.
    std::uint64_t whole_domains_below = std::uint64_t{1} << 20;
    Role role = {}; // --as: what listings show; whether the command may run at all was decided before
};

// What every writing command takes (specification 5, "Safety"). Asking before a dangerous step that was typed is the
// caller's business; what an edit by hand would take away shows only under the lock, and `ask` is there for it (see
// losses).
struct ChangeOptions {
    bool dry_run = false; // -n: the diffs of all files and maps, and nothing written
    std::string reason;   // -m
    std::chrono::milliseconds lock_timeout{std::chrono::seconds{10}};
    bool accept_losses = false;                                        // --yes
    std::vector<DomainName> confirmed = {};                            // --confirm=NAME
    std::function<Result<bool>(const std::string& question)> ask = {}; // empty: there is nobody to ask
};

} // namespace mailctl
