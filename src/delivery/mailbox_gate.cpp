// SPDX-License-Identifier: Apache-2.0
// The table of crowds. An entry lives only while somebody is inside, so it does not grow with the site.
#include "mailctl/delivery/mailbox_gate.hpp"

namespace mailctl {

MailboxGate::Pass& MailboxGate::Pass::operator=(Pass&& other) noexcept {
    if (this != &other) {
        leave();
        gate_ = std::exchange(other.gate_, nullptr);
        key_ = std::move(other.key_);
    }
    return *this;
}

void MailboxGate::Pass::leave() {
    if (!gate_) return;
    const std::lock_guard lock(gate_->mutex_);
    const auto crowd = gate_->crowds_.find(key_);
    if (crowd->second.inside == 1) {
        gate_->crowds_.erase(crowd);
    } else {
        --crowd->second.inside;
        crowd->second.last_move = Steady::now();
    }
    gate_ = nullptr;
}

MailboxGate::Pass MailboxGate::enter(std::string key, Steady::time_point now) {
    const std::lock_guard lock(mutex_);
    auto& crowd = crowds_[key];
    if (is_stuck(crowd, now)) return {};
    ++crowd.inside;
    crowd.last_move = now;
    return {this, std::move(key)};
}

bool MailboxGate::is_stuck(const std::string& key, Steady::time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto crowd = crowds_.find(key);
    return crowd != crowds_.end() && is_stuck(crowd->second, now);
}

} // namespace mailctl
