// SPDX-License-Identifier: Apache-2.0
// SubmissionGate: which messages may be handed to the MTA now. An MTA that says nothing must not take every thread of
// the agent from local delivery: no more than `most` submissions are under way, and where none of them moves the next
// one is told to come back. One that ran into its deadline while nothing moved opens the breaker: for a while everybody
// is told to come back at once, then one submission tries whether the MTA answers again.
#pragma once

#include "mailctl/os/mailer.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace mailctl {

class SubmissionGate {
  public:
    using Steady = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds patience{1000}; // without movement; also the longest wait for a place
    static constexpr std::chrono::seconds longest_pause{10};   // between two tries of a silent MTA

    explicit SubmissionGate(unsigned most = 32) : most_(most) {}
    void set_most(unsigned most);

    class Pass { // holds one place
      public:
        Pass(Pass&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr)), begun_(other.begun_), is_try_(other.is_try_) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass();
        // The MTA said something, whatever it was.
        void note_answer();
        // It said nothing until the deadline; tried again after `pause`.
        void note_silence(std::chrono::milliseconds pause);

      private:
        friend class SubmissionGate;
        Pass(SubmissionGate* gate, bool is_try) : gate_(gate), begun_(Steady::now()), is_try_(is_try) {}
        SubmissionGate* gate_;
        Steady::time_point begun_;
        bool is_try_;
    };
    // temporary: the MTA is silent, or too many wait for it.
    [[nodiscard]] Result<Pass> enter();
    // Whether one more of the same message may go beside the others now.
    [[nodiscard]] bool has_room() const;

  private:
    [[nodiscard]] bool is_silent(Steady::time_point now) const;

    mutable std::mutex mutex_; // guards what follows
    std::condition_variable moved_;
    unsigned most_, inside_ = 0;
    bool trying_ = false;
    Steady::time_point last_move_{};                 // when the MTA last said something, or was first asked
    std::optional<Steady::time_point> silent_until_; // open breaker: when it is tried again
};

// `mailer` behind the gate, which outlives it. What the gate turns away is an Error like any other: try again later.
[[nodiscard]] std::unique_ptr<Mailer> make_gated_mailer(std::unique_ptr<Mailer> mailer, SubmissionGate& gate);

} // namespace mailctl
