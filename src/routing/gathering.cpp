// SPDX-License-Identifier: Apache-2.0
#include "gathering.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

template <class SomeDelivery>
void Gathering::merge(const Address& place, const SomeDelivery& delivery) {
    const auto [at, is_new] = places_.try_emplace(place.key(), deliveries_.size());
    if (is_new) return append(delivery);
    auto& known = std::get<SomeDelivery>(deliveries_[at->second]);
    if constexpr (requires { known.folder; }) known.folder = std::min(known.folder, delivery.folder);
    known.by_catch_all = known.by_catch_all && delivery.by_catch_all;
    if (!delivery.list) known.list.reset();
}

void Gathering::add(const LocalDelivery& delivery) { merge(delivery.mailbox, delivery); }
void Gathering::add(const ForwardDelivery& delivery) { merge(delivery.to, delivery); }
void Gathering::add(const HoldDelivery& delivery) {
    if (places_.try_emplace("held " + delivery.name.key(), deliveries_.size()).second) append(delivery);
}

bool Gathering::add(const RelayDelivery& delivery) { return relays_.emplace(delivery.to.key(), delivery).second; }

void Gathering::add_responder(const Address& responder) {
    if (responding_.insert(responder.key()).second) responders_.push_back(responder);
}

void Gathering::add_refusal(Reject reject) {
    if (!refused_) refused_ = std::move(reject);
}
void Gathering::add_delay(Defer defer) {
    if (!later_) later_ = std::move(defer);
}

void Gathering::append(Delivery delivery) {
    deliveries_.push_back(std::move(delivery));
    if (deliveries_.size() > max_expansion_)
        add_over_limit({451, "4.6.0", fmt::format("more than {} final targets", max_expansion_)});
}

Outcome Gathering::accepted() {
    for (auto& [key, delivery] : relays_)
        deliveries_.emplace_back(std::move(delivery));
    return Deliver{std::move(deliveries_), std::move(responders_)};
}

Outcome Gathering::conclude() {
    if (over_limit_) return *over_limit_;
    // A robot is content with having been asked: where its copies go is not the sender's business.
    if (!deliveries_.empty() || !responders_.empty()) {
        for (const auto& target : waiting_)
            add(target);
        return accepted();
    }
    if (later_) return *later_;
    if (missing_) return Defer{451, "4.3.5", std::string(leads_to_nothing)};
    if (refused_) return *refused_;
    if (discarded_ && !relays_.empty()) return accepted();
    if (discarded_) return Discard{};
    if (asked_postmaster_) return Defer{451, "4.3.5", "the site's postmaster leads back to itself"};
    if (looped_) return Reject{554, "5.4.6", "mail for this address goes in a loop"};
    return Defer{451, "4.3.5", "this address leads nowhere"};
}

} // namespace mailctl
