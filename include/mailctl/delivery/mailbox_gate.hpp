// SPDX-License-Identifier: Apache-2.0
// How many deliveries are under way in each mailbox, in this process. One mailbox that hangs (a dead file server, a
// slow next hop) must not take every thread of the agent: when ten deliveries to it are under way and nothing has moved
// for a while, further ones are told to come back. A burst to a healthy mailbox passes.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace mailctl {

class MailboxGate {
  public:
    static constexpr unsigned limit = 10;
    static constexpr std::chrono::seconds patience{2};
    using Steady = std::chrono::steady_clock;

    class Pass { // holds one place
      public:
        Pass() = default;
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), key_(std::move(other.key_)) {}
        Pass& operator=(Pass&& other) noexcept;
        ~Pass() { leave(); }
        [[nodiscard]] explicit operator bool() const { return gate_ != nullptr; }

      private:
        friend class MailboxGate;
        Pass(MailboxGate* gate, std::string key) : gate_(gate), key_(std::move(key)) {}
        void leave();
        MailboxGate* gate_ = nullptr;
        std::string key_;
    };

    // An empty Pass: too many, try later.
    [[nodiscard]] Pass enter(std::string key, Steady::time_point now = Steady::now());
    // For RCPT: would enter() refuse now?
    [[nodiscard]] bool is_stuck(const std::string& key, Steady::time_point now = Steady::now()) const;

  private:
    struct Crowd {
        unsigned inside = 0;
        Steady::time_point last_move; // when somebody last came in or went out
    };
    [[nodiscard]] static bool is_stuck(const Crowd& crowd, Steady::time_point now) {
        return crowd.inside >= limit && now - crowd.last_move >= patience;
    }
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Crowd> crowds_; // only of mailboxes being delivered to
};

} // namespace mailctl
