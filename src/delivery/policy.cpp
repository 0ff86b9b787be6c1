// SPDX-License-Identifier: Apache-2.0
// No answer of ours is better than a wrong one: what is taken is decided on once more when it comes.
#include "policy.hpp"

#include "mailctl/mail/policy_request.hpp"
#include "rcpt_answer.hpp"

namespace mailctl {
namespace {

// The maps have no row for such a name, and it may be an alias in a map of the administrator's own.
Result<bool> do_maps_say_it(const View& view, const RcptAnswer& answer, const Address& recipient) {
    if (answer.reply.enhanced != "5.1.1") return false;
    TRY_ASSIGN(const auto domain, view.directory->find_domain(recipient.domain));
    return domain && domain->unknown.kind == UnknownAction::Kind::reject;
}

// What is to be refused; absent: no opinion.
std::optional<LmtpReply> find_refusal(Agent& agent, std::string_view question) {
    const auto view = agent.view();
    if (!view) return std::nullopt;
    const auto request = parse_policy_request(question, view->settings->site.hostname);
    if (!request) return std::nullopt;
    auto answer = answer_rcpt(agent, *view, request->sender, request->recipient, request->size);
    if (answer.kind != RcptAnswer::Kind::decided) return std::nullopt;
    if (do_maps_say_it(*view, answer, request->recipient).value_or(true)) return std::nullopt;
    return std::move(answer.reply);
}

} // namespace

std::string answer_policy(Agent& agent, std::string_view question) {
    const auto refusal = find_refusal(agent, question);
    agent.tally().count(refusal ? AgentTally::PolicyAnswer::refused : AgentTally::PolicyAnswer::passed);
    return refusal ? format_policy_answer(*refusal) : std::string(policy_no_opinion);
}

} // namespace mailctl
