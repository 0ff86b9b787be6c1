// SPDX-License-Identifier: Apache-2.0
#include "mailctl/routing/mail_move.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

std::vector<std::string> late_front_ends(const MoveFacts& facts) {
    std::vector<std::string> late;
    for (const auto& front : facts.front_ends)
        if (front.generation < facts.published && front.seconds_ago < front_end_is_gone_after)
            late.push_back(front.name);
    return late;
}

bool goes_by(const std::optional<MoveReported>& reported, const MoveFacts& facts) {
    return reported && reported->generation >= facts.published;
}

MoveState waiting(MoveStep step, const std::string& machine, const std::optional<MoveReported>& reported) {
    return {step, {machine}, reported ? reported->error : std::string()};
}

} // namespace

MoveState state_of_move(const MoveFacts& facts) {
    if (facts.published == 0) return {};
    if (auto late = late_front_ends(facts); !late.empty()) return {MoveStep::front_ends, std::move(late), {}};
    const auto &source = facts.at_source, &target = facts.at_target;
    if (!goes_by(source, facts) || source->digest.empty()) return waiting(MoveStep::quiet, facts.source, source);
    if (!goes_by(target, facts) || target->digest != source->digest)
        return waiting(MoveStep::copy, facts.target, target);
    return {MoveStep::finish, {}, {}};
}

std::string describe_move(const MoveState& state) {
    const auto names = join(state.waits_for, ", ");
    const auto told = state.error.empty() ? std::string() : fmt::format(" ({})", state.error);
    switch (state.step) {
    case MoveStep::publish:
        return "not published yet";
    case MoveStep::front_ends:
        return fmt::format("waits for the front ends {} to defer its mail", names);
    case MoveStep::quiet:
        return fmt::format("waits for {} to end its deliveries{}", names, told);
    case MoveStep::copy:
        return fmt::format("waits for {} to fetch the mail{}", names, told);
    case MoveStep::finish:
        break;
    }
    return "copied; its new place is to be published";
}

} // namespace mailctl
