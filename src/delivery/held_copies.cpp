// SPDX-License-Identifier: Apache-2.0
// Reserve, stage; later lock, look at the generation, name, sync.
#include "held_copies.hpp"

#include "mailctl/store/candidates.hpp"

#include <atomic>

namespace mailctl {
namespace {

// Of this process. The threads are for other mail.
std::atomic<unsigned> waiting_for_places{0};

HeldFor held_for(const HoldDelivery& hold) {
    return hold.why == HoldDelivery::Why::candidate ? HeldFor::candidate : HeldFor::suspended;
}

std::string prefix_of(const PlannedHold& plan, const Transaction& transaction) {
    const auto& envelope = transaction.envelope;
    const auto& first = envelope.recipients[plan.recipients.front()];
    Trace trace;
    trace.return_path = envelope.sender;
    trace.original_to = first.original.value_or(first.plan.recipient.text());
    trace.delivered_to = plan.place.name;
    if (!envelope.protocol.empty()) trace.received = received_line(transaction);
    return compose_prefix(trace, transaction.header);
}

} // namespace

const Address* find_sole_candidate(const Plan& plan) {
    const auto* deliver = std::get_if<Deliver>(&plan.outcome);
    if (!deliver) return nullptr;
    const Address* candidate = nullptr;
    for (const auto& delivery : deliver->deliveries) {
        const auto* hold = std::get_if<HoldDelivery>(&delivery);
        if (hold && hold->why == HoldDelivery::Why::candidate)
            candidate = &hold->name;
        else if (!std::holds_alternative<RelayDelivery>(delivery))
            return nullptr;
    }
    return candidate;
}

LmtpReply unknown_candidate_reply() { return {550, "5.1.1", "no such user"}; }

HeldCopies::~HeldCopies() {
    auto& state = transaction_.services.state;
    for (const auto& copy : copies_)
        // What cannot be given back is given back when the candidate expires; one try is enough to find out.
        if (copy.reserved && !release_candidate(state, copy.plan.place.name, *copy.reserved)) return;
}

void HeldCopies::stage(std::vector<PlannedHold> plan) {
    if (plan.empty()) return;
    auto& ledger = transaction_.ledger;
    const auto& settings = transaction_.settings;
    auto store = MailStore::open(settings.mail_root, settings.hostname.text(), settings.owner);
    if (!store) {
        for (const auto& hold : plan)
            ledger.settle(hold.recipients, deferred_by_store(store.error()));
        return;
    }
    store_ = std::move(*store);
    copies_.reserve(plan.size());
    for (auto& hold : plan) {
        if (!ledger.is_open(hold.recipients)) continue;
        if (no_state_ && hold.place.why == HoldDelivery::Why::candidate) {
            ledger.settle(hold.recipients, deferred_by_store(*no_state_));
            continue;
        }
        auto& copy = copies_.emplace_back(Copy{std::move(hold), {}, {}});
        if (const auto staged = stage_copy(copy); !staged)
            ledger.settle(copy.plan.recipients, deferred_by_store(staged.error()));
    }
}

Status HeldCopies::stage_copy(Copy& copy) {
    const auto& hold = copy.plan.place;
    const auto prefix = prefix_of(copy.plan, transaction_);
    TRY_ASSIGN(const bool room, reserve(copy, ByteCount{prefix.size() + transaction_.content.size()}));
    if (!room) {
        refuse(copy);
        return {};
    }
    TRY_ASSIGN(Maildir place, open_held(*store_, held_for(hold), hold.name));
    TRY_ASSIGN(auto staged,
               StagedMessage::stage(*store_, std::move(place), prefix, transaction_.content, transaction_.when));
    copy.staged.emplace(std::move(staged));
    return {};
}

Result<bool> HeldCopies::reserve(Copy& copy, ByteCount size) {
    if (copy.plan.place.why != HoldDelivery::Why::candidate) return true;
    const CandidateMail mail{.name = copy.plan.place.name,
                             .size = size,
                             .when = transaction_.when,
                             .sender = sender_text(transaction_.envelope.sender),
                             .subject = transaction_.header.find("Subject").value_or("")};
    auto room = reserve_candidate(transaction_.services.state, mail, transaction_.settings.candidates);
    if (!room) no_state_ = room.error(); // each further one would wait as long
    if (room && *room) copy.reserved = size;
    return room;
}

// Whoever reached the name through a forward that had other targets too loses nothing but this one.
void HeldCopies::refuse(const Copy& copy) {
    for (const auto recipient : copy.plan.recipients)
        if (find_sole_candidate(transaction_.envelope.recipients[recipient].plan))
            transaction_.ledger.settle({recipient},
                                       {unknown_candidate_reply(), "rejected", "no room for another candidate"});
}

void HeldCopies::publish() {
    auto& ledger = transaction_.ledger;
    for (auto& copy : copies_) {
        if (!copy.staged || !ledger.is_open(copy.plan.recipients)) continue;
        if (const auto published = publish_copy(copy); !published) {
            ledger.settle(copy.plan.recipients, deferred_by_store(published.error()));
            continue;
        }
        copy.reserved.reset();
        ledger.serve(copy.plan.recipients, {"held", copy.plan.place.name.text()});
    }
}

// Few wait for a place that somebody keeps for himself.
Result<HeldLock> HeldCopies::lock_place(const HoldDelivery& hold) {
    constexpr unsigned few = 4;
    const auto acquire = [&](std::chrono::milliseconds most) {
        return HeldLock::acquire(*store_, held_for(hold), hold.name.domain, HeldLock::Kind::shared, patience_, most);
    };
    auto lock = acquire(bounds::held_short_patience);
    if (lock || lock.error().os_error != 0) return lock;
    if (waiting_for_places.fetch_add(1) < few) lock = acquire(bounds::held_patience);
    waiting_for_places.fetch_sub(1);
    return lock;
}

Status HeldCopies::publish_copy(Copy& copy) {
    const auto& hold = copy.plan.place;
    TRY_ASSIGN(const auto lock, lock_place(hold));
    if (!transaction_.services.is_current())
        return fail(ErrorKind::temporary, "the directory has changed: the name may be somebody's now");
    TRY_ASSIGN(auto named, copy.staged->name());
    return named.sync();
}

} // namespace mailctl
