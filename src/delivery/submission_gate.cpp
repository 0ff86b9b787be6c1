// SPDX-License-Identifier: Apache-2.0
// Movement is what tells a slow MTA from a silent one: as long as it answers anybody, the others wait for a place.
#include "mailctl/delivery/submission_gate.hpp"

#include <algorithm>
#include <cerrno>

namespace mailctl {
namespace {

Error turned_away(std::string_view why) { return {ErrorKind::temporary, std::string(why), {}, 0}; }

class GatedMailer final : public Mailer {
  public:
    GatedMailer(std::unique_ptr<Mailer> mailer, SubmissionGate& gate) : mailer_(std::move(mailer)), gate_(gate) {}

    Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) override {
        TRY_ASSIGN(auto pass, gate_.enter());
        const auto begun = SubmissionGate::Steady::now();
        auto done = mailer_->submit(submission, message);
        if (done || done.error().os_error != ETIMEDOUT)
            pass.note_answer();
        else
            pass.note_silence(
                std::chrono::duration_cast<std::chrono::milliseconds>(SubmissionGate::Steady::now() - begun));
        return done;
    }

  private:
    std::unique_ptr<Mailer> mailer_;
    SubmissionGate& gate_;
};

} // namespace

void SubmissionGate::set_most(unsigned most) {
    const std::lock_guard lock(mutex_);
    most_ = std::max(1U, most);
}

bool SubmissionGate::is_silent(Steady::time_point now) const {
    return silent_until_ && (trying_ || now < *silent_until_);
}

bool SubmissionGate::has_room() const {
    const std::lock_guard lock(mutex_);
    return !silent_until_ && inside_ < most_;
}

Result<SubmissionGate::Pass> SubmissionGate::enter() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto now = Steady::now();
        if (is_silent(now)) return fail(turned_away("the MTA does not answer; it is tried again soon"));
        if (inside_ == 0) last_move_ = now;
        if (inside_ < most_ || silent_until_) break;
        if (now - last_move_ >= patience)
            return fail(turned_away("too many messages wait for the MTA, which does not move"));
        moved_.wait_until(lock, last_move_ + patience);
    }
    ++inside_;
    trying_ = silent_until_.has_value();
    return Pass(this, trying_);
}

SubmissionGate::Pass::~Pass() {
    if (!gate_) return;
    const std::lock_guard lock(gate_->mutex_);
    --gate_->inside_;
    if (is_try_) gate_->trying_ = false;
    gate_->moved_.notify_all();
}

void SubmissionGate::Pass::note_answer() {
    const std::lock_guard lock(gate_->mutex_);
    gate_->last_move_ = Steady::now();
    gate_->silent_until_.reset();
}

// One message that takes too long says nothing of an MTA that answered others meanwhile.
void SubmissionGate::Pass::note_silence(std::chrono::milliseconds pause) {
    const std::lock_guard lock(gate_->mutex_);
    if (gate_->last_move_ > begun_) return;
    gate_->silent_until_ = Steady::now() + std::min<std::chrono::milliseconds>(pause, longest_pause);
}

std::unique_ptr<Mailer> make_gated_mailer(std::unique_ptr<Mailer> mailer, SubmissionGate& gate) {
    return std::make_unique<GatedMailer>(std::move(mailer), gate);
}

} // namespace mailctl
