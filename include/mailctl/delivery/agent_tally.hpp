// SPDX-License-Identifier: Apache-2.0
// What the agent has done since it started, counted by all its threads.
#pragma once

#include "mailctl/mail/lmtp_session.hpp"

#include <atomic>
#include <cstdint>
#include <span>

namespace mailctl {

class AgentTally {
  public:
    // The last word on a recipient: a refusal at RCPT, or the answer to the message.
    void count(const LmtpReply& reply) { counter_of(reply).fetch_add(1, std::memory_order_relaxed); }
    void count(std::span<const LmtpReply> replies) {
        for (const auto& reply : replies)
            count(reply);
    }
    enum class PolicyAnswer { passed, refused };
    void count(PolicyAnswer answer) {
        asked_.fetch_add(1, std::memory_order_relaxed);
        if (answer == PolicyAnswer::refused) turned_away_.fetch_add(1, std::memory_order_relaxed);
    }
    void count_reply() { replies_.fetch_add(1, std::memory_order_relaxed); } // of a robot, an autoreply

    [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
    [[nodiscard]] std::uint64_t deferred() const { return deferred_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] std::uint64_t replies() const { return replies_; }
    [[nodiscard]] std::uint64_t asked() const { return asked_; } // by Postfix at RCPT
    [[nodiscard]] std::uint64_t turned_away() const { return turned_away_; }

  private:
    using Counter = std::atomic<std::uint64_t>;
    Counter& counter_of(const LmtpReply& reply) {
        return reply.code < 300 ? delivered_ : reply.code < 500 ? deferred_ : refused_;
    }
    Counter delivered_{0}, deferred_{0}, refused_{0}, replies_{0}, asked_{0}, turned_away_{0};
};

} // namespace mailctl
