// SPDX-License-Identifier: Apache-2.0
// Bounds: how much of anything the program takes, keeps or waits for, where no key of mailctl.toml says it. What a site
// may want otherwise is a key (delivery.max_*, replies.*, candidates.*, delivery.submit_timeout) and is not repeated
// here. Who goes beyond a bound gets an answer: a clear error from a command, a 4xx from the agent; nothing is cut off
// but words that people read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mailctl::bounds {

// ---- texts that users set
inline constexpr std::size_t reply_text = 1 << 20;    // bytes of a robot's or autoreply's message, and of its html
inline constexpr std::size_t reply_subject = 1000;    // bytes; also of `from`
inline constexpr std::size_t reply_attachments = 100; // of one text; together they may have 25 MiB

// ---- the resolver's walk (delivery.max_expansion bounds the final targets, delivery.max_depth the chains)
inline constexpr std::size_t visits_per_target = 10; // addresses looked at, for each final target that is allowed

// ---- the delivery journal
inline constexpr std::size_t journal_message_id = 500; // bytes of each field; what is cut ends in "..."
inline constexpr std::size_t journal_address = 400;    // sender, recipient, where
inline constexpr std::size_t journal_why = 500;
inline constexpr std::size_t journal_queue = 4 << 20; // bytes of lines that wait for a reader

// ---- time
inline constexpr std::chrono::milliseconds state_patience{2000};      // the agent waits for state.db, its turn included
inline constexpr std::chrono::milliseconds state_short_patience{100}; // while it was not to be had the last time
inline constexpr std::chrono::milliseconds held_patience{2000};       // the agent waits for places of held mail
inline constexpr std::chrono::milliseconds held_short_patience{100};  // where others wait for them already
inline constexpr std::chrono::milliseconds held_work_patience{10000}; // a command does, for all of them together
inline constexpr std::chrono::milliseconds journal_end{2000};         // for what the journal still holds at the end
inline constexpr std::chrono::milliseconds complaint{1000};           // for a line on standard error

} // namespace mailctl::bounds
