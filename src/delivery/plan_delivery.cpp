// Merging, de-duplication and loop tests. Equal places and targets are found through their keys, so that a thousand
// recipients cost a thousand look-ups.
#include "mailctl/delivery/plan_delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace mailctl {
namespace {

Verdict loop_verdict(std::string why) { return {{554, "5.4.6", "mail forwarding loop"}, "rejected", std::move(why)}; }

class Planner {
  public:
    Planner(const Envelope& envelope, const HeaderSection& header, unsigned max_hops)
        : envelope_(envelope), header_(header), loops_possible_(header.count("Delivered-To") > 0),
          too_many_hops_(count_hops(header) > max_hops) {}
    TransactionPlan make() {
        for (std::size_t i = 0; i < envelope_.recipients.size(); ++i)
            plan_.verdicts.push_back(decide(i, envelope_.recipients[i].plan));
        return std::move(plan_);
    }

  private:
    std::optional<Verdict> decide(std::size_t index, const Plan& plan);
    std::optional<Verdict> deliver(std::size_t index, const Deliver& deliver);
    [[nodiscard]] bool was_at(const Address& address) const {
        return loops_possible_ && was_delivered_to(header_, address);
    }
    void add(std::size_t index, const LocalDelivery& place);
    void add(std::size_t index, const ForwardDelivery& forward);

    const Envelope& envelope_;
    const HeaderSection& header_;
    bool loops_possible_, too_many_hops_;
    TransactionPlan plan_;
    std::unordered_map<std::string, std::size_t> copies_;                          // place -> index of the copy
    std::unordered_map<std::string, std::size_t> injections_;                      // forwarding address -> injection
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> targets_; // target -> injection, target
};

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
    return deliver(index, std::get<Deliver>(plan.outcome));
}

std::optional<Verdict> Planner::deliver(std::size_t index, const Deliver& deliver) {
    std::vector<const LocalDelivery*> fresh; // mailboxes that have not seen the message
    bool forwards = false;
    for (const auto& delivery : deliver.deliveries) {
        if (const auto* forward = std::get_if<ForwardDelivery>(&delivery)) {
            if (was_at(forward->by))
                return loop_verdict(fmt::format("it was delivered to {} before", forward->by.text()));
            forwards = true;
        } else if (const auto& local = std::get<LocalDelivery>(delivery); !was_at(local.mailbox)) {
            fresh.push_back(&local);
        }
    }
    if (fresh.empty() && !forwards) return loop_verdict("it was delivered to this mailbox before");
    for (const auto* local : fresh)
        add(index, *local);
    for (const auto& delivery : deliver.deliveries)
        if (const auto* forward = std::get_if<ForwardDelivery>(&delivery)) add(index, *forward);
    return std::nullopt;
}

void Planner::add(std::size_t index, const LocalDelivery& place) {
    auto key = place.mailbox.key();
    key.append(1, '\0').append(place.folder);
    const auto [at, is_new] = copies_.try_emplace(std::move(key), plan_.copies.size());
    if (is_new) plan_.copies.push_back({place, {}});
    depend(plan_.copies[at->second].recipients, index);
}

void Planner::add(std::size_t index, const ForwardDelivery& forward) {
    const auto known = targets_.find(forward.to.key());
    if (known != targets_.end()) {
        const auto [injection, target] = known->second;
        return depend(plan_.injections[injection].targets[target].recipients, index);
    }
    const auto [at, is_new] = injections_.try_emplace(forward.by.key(), plan_.injections.size());
    if (is_new) plan_.injections.push_back({forward.by, {}});
    auto& targets = plan_.injections[at->second].targets;
    targets_.emplace(forward.to.key(), std::pair(at->second, targets.size()));
    targets.push_back({forward.to, {index}});
}

} // namespace

TransactionPlan plan_delivery(const Envelope& envelope, const HeaderSection& header, unsigned max_hops) {
    return Planner(envelope, header, max_hops).make();
}

// The walk goes on into the targets of a forward; what decided over this recipient is its first match past the domain.
std::string deciding_rule(const Plan& plan) {
    const auto decides = [](const Step& step) { return step.matched && step.rule != "domain"; };
    auto step = std::find_if(plan.walk.begin(), plan.walk.end(), decides);
    if (step == plan.walk.end() && !plan.walk.empty()) step = std::prev(plan.walk.end());
    return step == plan.walk.end() ? std::string() : fmt::format("{}: {}", step->rule, step->outcome);
}

} // namespace mailctl
