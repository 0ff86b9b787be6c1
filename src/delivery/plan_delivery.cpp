// SPDX-License-Identifier: Apache-2.0
// Merging, de-duplication and loop tests. Equal places and targets are found through their keys, so that a thousand
// recipients cost a thousand look-ups.
#include "mailctl/delivery/plan_delivery.hpp"

#include "mailctl/mail/list_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace mailctl {
namespace {

bool is_for_node(const Delivery& delivery) {
    const auto* forward = std::get_if<ForwardDelivery>(&delivery);
    return forward != nullptr && !forward->node.empty();
}

// A mark of ours in mail that comes back, or a forward of ours that met itself.
bool was_passed_on(const Delivery& delivery, const Address& resolved) {
    return is_for_node(delivery) && std::get<ForwardDelivery>(delivery).by.key() != resolved.key();
}

Verdict waiting_verdict(const Address& mark) {
    return {{451, "4.4.6", "another machine of this site sends it here"},
            "deferred",
            fmt::format("it was passed on as {} before", mark.text())};
}

Verdict loop_verdict(std::string why) { return {{554, "5.4.6", "mail forwarding loop"}, "rejected", std::move(why)}; }

class Planner {
  public:
    Planner(const Envelope& envelope, const HeaderSection& header, unsigned max_hops)
        : envelope_(envelope), header_(header), loops_possible_(header.count("Delivered-To") > 0),
          too_many_hops_(count_hops(header) > max_hops), automatic_(!envelope.sender || is_written_by_program(header)) {
    }
    // Lists last: who is written to directly as well gets the direct copy.
    TransactionPlan make() {
        for (std::size_t i = 0; i < envelope_.recipients.size(); ++i)
            plan_.verdicts.push_back(decide(i, envelope_.recipients[i].plan));
        for (const auto& [index, delivery] : direct_)
            add(index, *delivery);
        for (const auto& [index, delivery] : listed_)
            add(index, *delivery);
        return std::move(plan_);
    }

  private:
    using Wanted = std::pair<std::size_t, const Delivery*>; // recipient, what is to be done for him

    std::optional<Verdict> decide(std::size_t index, const Plan& plan);
    std::optional<Verdict> deliver(std::size_t index, const Deliver& deliver);
    [[nodiscard]] bool was_at(const Address& address) const {
        return loops_possible_ && was_delivered_to(header_, address);
    }
    [[nodiscard]] std::optional<Verdict> answer_of_list(const Address& list, const Address& asked) const;
    void forget_left_out(std::size_t from) {
        plan_.left_out.erase(plan_.left_out.begin() + static_cast<std::ptrdiff_t>(from), plan_.left_out.end());
    }
    void leave_out(std::size_t index, const Address& list, const std::string& why);
    void add(std::size_t index, const Delivery& delivery);
    void add(std::size_t index, const LocalDelivery& place);
    void add(std::size_t index, const ForwardDelivery& forward);
    void add(std::size_t index, const HoldDelivery& hold);
    void add(std::size_t index, const RelayDelivery& relay);

    const Envelope& envelope_;
    const HeaderSection& header_;
    bool loops_possible_, too_many_hops_, automatic_;
    TransactionPlan plan_;
    std::vector<Wanted> direct_, listed_;
    std::unordered_map<std::string, std::size_t> copies_;                          // place -> index of the copy
    std::unordered_map<std::string, std::size_t> direct_copies_;                   // mailbox -> the same, without lists
    std::unordered_map<std::string, std::size_t> injections_;                      // by, list -> index of the injection
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> targets_; // target -> injection, target
    std::unordered_map<std::string, std::size_t> holds_;                           // name -> index of the hold
    std::unordered_map<std::string, std::size_t> relays_;                          // recipient -> injection
};

// The list that sends it there; nullptr: it goes there by itself.
const Address* list_of(const Delivery& delivery) {
    const auto* local = std::get_if<LocalDelivery>(&delivery);
    const auto* forward = std::get_if<ForwardDelivery>(&delivery);
    const auto* list = local != nullptr ? &local->list : forward != nullptr ? &forward->list : nullptr;
    return list != nullptr && *list ? &**list : nullptr;
}

// The address of ours that a copy leaves by; nullptr: it stays here.
const Address* leaves_by(const Delivery& delivery) {
    if (const auto* forward = std::get_if<ForwardDelivery>(&delivery)) return &forward->by;
    const auto* relay = std::get_if<RelayDelivery>(&delivery);
    return relay ? &relay->to : nullptr;
}
const Address* stays_at(const Delivery& delivery) {
    if (const auto* local = std::get_if<LocalDelivery>(&delivery)) return &local->mailbox;
    const auto* hold = std::get_if<HoldDelivery>(&delivery);
    return hold ? &hold->name : nullptr;
}

void depend(Dependents& recipients, std::size_t index) {
    if (recipients.empty() || recipients.back() != index) recipients.push_back(index);
}

std::optional<Verdict> Planner::decide(std::size_t index, const Plan& plan) {
    if (const auto* answer = std::get_if<Reject>(&plan.outcome))
        return Verdict{{answer->code, answer->enhanced, answer->text}, "rejected", deciding_rule(plan)};
    if (const auto* answer = std::get_if<Defer>(&plan.outcome))
        return Verdict{{answer->code, answer->enhanced, answer->text}, "deferred", deciding_rule(plan)};
    if (std::holds_alternative<Discard>(plan.outcome))
        return Verdict{{250, "2.0.0", "accepted"}, "discarded", deciding_rule(plan)};
    if (too_many_hops_) return loop_verdict("too many Received lines");
    const auto& deliveries = std::get<Deliver>(plan.outcome);
    if (deliveries.deliveries.empty()) // a robot that copies to nobody: what it does comes afterwards
        return Verdict{{250, "2.0.0", "accepted"}, "accepted", deciding_rule(plan)};
    return deliver(index, deliveries);
}

std::optional<Verdict> Planner::deliver(std::size_t index, const Deliver& deliver) {
    std::vector<const Delivery*> wanted, seen;
    std::optional<Verdict> otherwise; // the answer if nothing is wanted
    const auto left_out_before = plan_.left_out.size();
    for (const auto& delivery : deliver.deliveries) {
        if (const auto* list = list_of(delivery))
            if (auto answer = answer_of_list(*list, envelope_.recipients[index].plan.resolved)) {
                leave_out(index, *list, answer->why);
                if (!otherwise) otherwise = std::move(*answer);
                continue;
            }
        if (const auto* leaving = leaves_by(delivery); leaving != nullptr && was_at(*leaving)) {
            forget_left_out(left_out_before);
            if (was_passed_on(delivery, envelope_.recipients[index].plan.resolved)) return waiting_verdict(*leaving);
            return loop_verdict(fmt::format("it was delivered to {} before", leaving->text()));
        }
        const auto* place = stays_at(delivery);
        (place != nullptr && was_at(*place) ? seen : wanted).push_back(&delivery);
    }
    // What only comes back to be stored, as when a reader redirects it, ends here: that is no loop.
    if (wanted.empty()) wanted = std::move(seen);
    if (wanted.empty()) {
        forget_left_out(left_out_before); // the answer says it
        return otherwise;
    }
    for (const auto* delivery : wanted)
        (list_of(*delivery) != nullptr ? listed_ : direct_).emplace_back(index, delivery);
    return std::nullopt;
}

// Mail of programs first: nobody is told of a loop that a program made. A list that was written to and has sent the
// message before does not send it to the lists within it either.
std::optional<Verdict> Planner::answer_of_list(const Address& list, const Address& asked) const {
    if (automatic_)
        return Verdict{{250, "2.0.0", "accepted"}, "discarded", "list: automatic mail is not redistributed"};
    for (const auto& one : {std::cref(list), std::cref(asked)})
        if (came_through(header_, one)) return loop_verdict(fmt::format("it came through {} before", one.get().text()));
    return std::nullopt;
}

void Planner::leave_out(std::size_t index, const Address& list, const std::string& why) {
    const bool known = std::ranges::any_of(
        plan_.left_out, [&](const LeftOut& one) { return one.recipient == index && one.list.key() == list.key(); });
    if (!known) plan_.left_out.push_back({index, list, why});
}

void Planner::add(std::size_t index, const Delivery& delivery) {
    std::visit([&](const auto& each) { add(index, each); }, delivery);
}

void Planner::add(std::size_t index, const LocalDelivery& place) {
    auto key = place.mailbox.key();
    if (!place.list) {
        direct_copies_.try_emplace(key, plan_.copies.size());
    } else if (const auto direct = direct_copies_.find(key); direct != direct_copies_.end()) {
        return depend(plan_.copies[direct->second].content, index);
    }
    key.append(1, '\0').append(place.folder);
    const auto [at, is_new] = copies_.try_emplace(std::move(key), plan_.copies.size());
    if (is_new) plan_.copies.push_back({place, {}});
    depend(plan_.copies[at->second].recipients, index);
}

void Planner::add(std::size_t index, const ForwardDelivery& forward) {
    if (const auto known = targets_.find(forward.to.key()); known != targets_.end()) {
        auto& injection = plan_.injections[known->second.first];
        auto& target = injection.targets[known->second.second];
        return depend(forward.list && !injection.list ? target.content : target.recipients, index);
    }
    auto key = forward.by.key();
    if (forward.list) key.append(1, '\0').append(forward.list->key());
    const bool within_site = !forward.node.empty();
    if (within_site) key.append("\n");
    const auto [at, is_new] = injections_.try_emplace(std::move(key), plan_.injections.size());
    if (is_new) plan_.injections.push_back({forward.by, forward.list, {}, {}, within_site});
    auto& targets = plan_.injections[at->second].targets;
    targets_.emplace(forward.to.key(), std::pair(at->second, targets.size()));
    targets.push_back({forward.to, {index}});
}

void Planner::add(std::size_t index, const HoldDelivery& hold) {
    auto key = hold.name.key();
    if (hold.why == HoldDelivery::Why::suspended) key += '!';
    const auto [at, is_new] = holds_.try_emplace(std::move(key), plan_.holds.size());
    if (is_new) plan_.holds.push_back({hold, {}});
    depend(plan_.holds[at->second].recipients, index);
}

void Planner::add(std::size_t index, const RelayDelivery& relay) {
    const auto [at, is_new] = relays_.try_emplace(relay.to.key(), plan_.injections.size());
    if (is_new) plan_.injections.push_back({relay.to, {}, {{relay_address(relay.to), {}}}, relay.server});
    depend(plan_.injections[at->second].targets.front().recipients, index);
}

} // namespace

Address relay_address(const Address& to) {
    return {to.local, DomainName::from_trusted(to.domain.text() + ".mailctl-relay.invalid")};
}

TransactionPlan plan_delivery(const Envelope& envelope, const HeaderSection& header, unsigned max_hops) {
    return Planner(envelope, header, max_hops).make();
}

// The walk goes on into the targets of a forward; what decided over this recipient is its first match past the domain.
// Where nothing was delivered because a list would not take it, that decided.
std::string deciding_rule(const Plan& plan) {
    const bool delivers = std::holds_alternative<Deliver>(plan.outcome);
    const auto refused_by_list = [](const Step& step) { return step.matched && step.rule == "list"; };
    const auto decides = [](const Step& step) { return step.matched && step.rule != "domain"; };
    auto step = delivers ? plan.walk.end() : std::ranges::find_if(plan.walk, refused_by_list);
    if (step == plan.walk.end()) step = std::ranges::find_if(plan.walk, decides);
    if (step == plan.walk.end() && !plan.walk.empty()) step = std::prev(plan.walk.end());
    return step == plan.walk.end() ? std::string() : fmt::format("{}: {}", step->rule, step->outcome);
}

} // namespace mailctl
