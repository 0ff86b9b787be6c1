// SPDX-License-Identifier: Apache-2.0
// The answer comes from the Plan; what could not be found out is always 451.
#include "rcpt_answer.hpp"

#include "held_copies.hpp"
#include "mailctl/store/candidates.hpp"

namespace mailctl {
namespace {

using AnswerKind = RcptAnswer::Kind;

const LmtpReply cannot_tell_now{451, "4.3.0", "temporary lookup failure"};

// The declared size counts CRLF; what is stored may be smaller by one byte a line. Left to the end of the data is what
// might just fit.
ByteCount stored_at_least(const std::optional<ByteCount>& declared) {
    constexpr std::uint64_t shortest_usual_line = 32;
    return ByteCount{declared ? declared->bytes - declared->bytes / shortest_usual_line : 1};
}

struct RcptRefusal { // absent: accepted so far
    AnswerKind kind;
    LmtpReply reply;
};

std::optional<RcptRefusal> check_outcome(const Plan& plan) {
    if (const auto* answer = std::get_if<Reject>(&plan.outcome))
        return RcptRefusal{is_elsewhere(plan) ? AnswerKind::not_ours : AnswerKind::decided,
                           {answer->code, answer->enhanced, answer->text}};
    if (const auto* answer = std::get_if<Defer>(&plan.outcome))
        return RcptRefusal{AnswerKind::decided, {answer->code, answer->enhanced, answer->text}};
    return std::nullopt;
}

// Over the limits an unknown name is what it was before: unknown.
std::optional<RcptRefusal> check_candidate(Agent& agent, const View& view, const Plan& plan, ByteCount size) {
    const auto* name = find_sole_candidate(plan);
    if (!name) return std::nullopt;
    const auto room = has_room(agent.state(), *name, size, view.settings->delivery.candidates);
    if (!room) return RcptRefusal{AnswerKind::unknowable, cannot_tell_now};
    if (!*room) return RcptRefusal{AnswerKind::decided, unknown_candidate_reply()};
    return std::nullopt;
}

// Refuses only where every copy of the message would have to be refused.
std::optional<RcptRefusal> check_mailboxes(Agent& agent, const View& view, const Plan& plan, ByteCount size) {
    const auto* deliver = std::get_if<Deliver>(&plan.outcome);
    if (!deliver || deliver->deliveries.empty()) return std::nullopt;
    bool all_full = true;
    std::optional<MailStore> store;
    for (const auto& delivery : deliver->deliveries) {
        const auto* local = std::get_if<LocalDelivery>(&delivery);
        if (local && local->list) local = nullptr; // a list takes what single members cannot
        if (local && agent.gate().is_stuck(local->mailbox.key()))
            return RcptRefusal{AnswerKind::unknowable, {451, "4.3.0", "too many concurrent deliveries"}};
        if (!local || local->quota.bytes == 0) all_full = false;
        if (!all_full) continue;
        if (!store) {
            const auto& settings = view.settings->delivery;
            auto opened = MailStore::open(settings.mail_root, settings.hostname.text(), settings.owner);
            if (!opened) return std::nullopt; // the end of the data will tell
            store = std::move(*opened);
        }
        const auto mailbox = store->find_mailbox(local->mailbox);
        all_full =
            mailbox && *mailbox && agent.counted_mailboxes().is_over(**mailbox, {local->quota, 0}, size, agent.now());
    }
    if (!all_full) return std::nullopt;
    return RcptRefusal{AnswerKind::decided, over_quota_reply(view.settings->delivery.over_quota)};
}

} // namespace

RcptAnswer answer_rcpt(Agent& agent, const View& view, const Sender& sender, const Address& recipient,
                       const std::optional<ByteCount>& declared) {
    auto plan = agent.resolve(view, sender, recipient);
    if (!plan) return {AnswerKind::unknowable, cannot_tell_now};
    const auto size = stored_at_least(declared);
    auto refusal = check_outcome(*plan);
    if (!refusal) refusal = check_candidate(agent, view, *plan, size);
    if (!refusal) refusal = check_mailboxes(agent, view, *plan, size);
    if (refusal) return {refusal->kind, std::move(refusal->reply), std::move(*plan)};
    return {AnswerKind::accepted, {250, "2.1.5", "ok"}, std::move(*plan)};
}

} // namespace mailctl
