// SPDX-License-Identifier: Apache-2.0
// What the names met on a walk have to say, gathered into one Outcome: a mailbox named twice gets one copy, and what
// one target refuses does not stop the others.
#pragma once

#include "mailctl/routing/plan.hpp"

#include <map>
#include <optional>
#include <set>

namespace mailctl {

class Gathering {
  public:
    explicit Gathering(unsigned max_expansion) : max_expansion_(max_expansion) {}

    // The same place or target again is merged: any mention without a detail means INBOX, any direct one beats the
    // catch-all and the list.
    void add(const LocalDelivery& delivery);
    void add(const ForwardDelivery& delivery);
    void add(const HoldDelivery& delivery);
    // Of use only where something else was accepted. false: known already.
    bool add(const RelayDelivery& delivery);
    void add_responder(const Address& responder);
    void add_discard() { discarded_ = true; }
    void add_refusal(Reject reject);
    void add_delay(Defer defer);
    void add_waiting(ForwardDelivery target) { waiting_.push_back(std::move(target)); } // a target that must wait
    void add_missing() { missing_ = true; }                                             // a target that was left out
    void add_loop() { looped_ = true; }
    void add_postmaster() { asked_postmaster_ = true; }
    void add_over_limit(Defer defer) { over_limit_ = std::move(defer); }

    [[nodiscard]] bool is_over_limit() const { return over_limit_.has_value(); }
    [[nodiscard]] Outcome conclude();

  private:
    template <class SomeDelivery>
    void merge(const Address& place, const SomeDelivery& delivery);
    void append(Delivery delivery);
    Outcome accepted();

    unsigned max_expansion_;
    std::map<std::string, std::size_t> places_; // key -> index in deliveries_
    std::vector<Delivery> deliveries_;
    std::map<std::string, RelayDelivery> relays_;
    std::vector<Address> responders_;
    std::set<std::string> responding_; // their keys
    std::vector<ForwardDelivery> waiting_;
    std::optional<Defer> over_limit_, later_;
    std::optional<Reject> refused_;
    bool missing_ = false, discarded_ = false, looped_ = false, asked_postmaster_ = false;
};

} // namespace mailctl
