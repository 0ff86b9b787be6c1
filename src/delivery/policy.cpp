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

} // namespace

std::string answer_policy(Agent& agent, std::string_view question) {
    std::string silence(policy_no_opinion);
    const auto view = agent.view();
    if (!view) return silence;
    const auto request = parse_policy_request(question, view->settings->site.hostname);
    if (!request) return silence;
    const auto answer = answer_rcpt(agent, *view, request->sender, request->recipient, request->size);
    if (answer.kind != RcptAnswer::Kind::decided) return silence;
    if (do_maps_say_it(*view, answer, request->recipient).value_or(true)) return silence;
    return format_policy_answer(answer.reply);
}

} // namespace mailctl
