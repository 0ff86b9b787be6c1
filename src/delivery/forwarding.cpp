// SPDX-License-Identifier: Apache-2.0
// One submission per forwarding address: its Delivered-To is the loop test of the next round (delivery C5).
#include "forwarding.hpp"

#include "bounce.hpp"
#include "mailctl/mail/autoreply.hpp"
#include "side_by_side.hpp"

#include <algorithm>
#include <exception>

namespace mailctl {
namespace {

constexpr unsigned max_submissions_of_one = 8; // message, at once

// What a list sends is ours: there is nothing to rewrite. The customer's server gets the sender as it is, and so does
// another machine of ours: it is where the mail was going.
Result<Sender> forwarding_sender(const PlannedInjection& injection, const Transaction& transaction) {
    if (injection.list) return Sender(owner_of(*injection.list));
    const auto& settings = transaction.settings;
    const bool is_kept =
        !settings.rewrite_senders || !injection.relay.empty() || injection.within_site || !transaction.envelope.sender;
    if (is_kept) return transaction.envelope.sender;
    if (!settings.srs_keys) return fail(settings.srs_keys.error());
    const auto today = std::chrono::floor<std::chrono::days>(transaction.when).time_since_epoch().count();
    return srs_rewrite(transaction.envelope.sender, *settings.srs_keys, today);
}

// Above the message goes our trace; its own Return-Path, if it came with one, goes.
std::string head_of(const PlannedInjection& injection, const Transaction& transaction) {
    const Trace trace{
        .return_path = {}, .original_to = {}, .delivered_to = injection.by, .received = received_line(transaction)};
    return compose_head(trace, injection.list, transaction.header) + without_return_path(transaction.header);
}

Service service_of(const PlannedInjection& injection, const PlannedTarget& target) {
    if (injection.relay.empty()) return {"forwarded", target.to.text()};
    return {"relayed", injection.by.text() + " at " + injection.relay};
}

void note_results(const PlannedInjection& injection, const std::vector<Refusal>& refused, Ledger& ledger) {
    for (const auto& target : injection.targets) {
        const auto refusal =
            std::find_if(refused.begin(), refused.end(), [&](const Refusal& one) { return one.target == target.to; });
        if (refusal == refused.end()) {
            ledger.serve(target.recipients, service_of(injection, target));
            ledger.serve(target.content, service_of(injection, target));
        } else if (injection.list) {
            ledger.note(target.recipients, {"refused", target.to.text(), next_hop_words(*refusal)});
        } else {
            ledger.refuse(target.recipients, *refusal);
        }
    }
}

// What the next hop refuses for a member is the owner's business. Told to him, it is done with.
void tell_owner(const PlannedInjection& injection, const std::vector<Refusal>& refused, Transaction& transaction) {
    const auto& settings = transaction.settings;
    const auto owner = owner_of(*injection.list);
    BounceNotice notice{.host = settings.hostname,
                        .id = transaction.envelope.id,
                        .to = owner,
                        .when = transaction.when,
                        .failed = {},
                        .header = transaction.header.text()};
    for (const auto& refusal : refused)
        notice.failed.push_back({refusal.target, refusal.code, refusal.enhanced});
    const auto text = compose_bounce(notice);
    const MessageContent nothing(settings.mail_root);
    const Submission submission{.sender = {}, .targets = {owner}, .deadline = transaction.mta_deadline()};
    if (!transaction.services.mailer.submit(submission, {text, nothing, 0})) return;
    for (const auto& target : injection.targets)
        if (std::ranges::find(refused, target.to, &Refusal::target) != refused.end())
            transaction.ledger.serve(target.recipients, {"bounced", owner.text()});
}

// One message on its way: everything that is needed to hand it over, and what came of it.
struct Outgoing {
    const PlannedInjection* injection;
    Dependents recipients;
    Submission submission;
    std::string head;
    Result<std::vector<Refusal>> refused = std::vector<Refusal>{};
    std::exception_ptr thrown = {};
};

const LmtpReply cannot_forward{451, "4.3.0", "cannot forward now"};

// nullopt: nobody waits for it, or it cannot go now.
std::optional<Outgoing> prepare(const PlannedInjection& injection, Transaction& transaction) {
    const auto& envelope = transaction.envelope;
    auto& ledger = transaction.ledger;
    Outgoing out{.injection = &injection, .recipients = {}, .submission = {}, .head = {}};
    out.submission.body_8bit = envelope.body_8bit;
    out.submission.smtputf8 = envelope.smtputf8;
    out.submission.deadline = transaction.mta_deadline();
    for (const auto& target : injection.targets) {
        if (!ledger.is_open(target.recipients) && !ledger.is_open(target.content)) continue;
        out.submission.targets.push_back(target.to);
        out.recipients.insert(out.recipients.end(), target.recipients.begin(), target.recipients.end());
    }
    if (out.submission.targets.empty()) return std::nullopt;
    auto sender = forwarding_sender(injection, transaction);
    if (!sender) {
        ledger.settle(out.recipients, deferred(cannot_forward, sender.error().what));
        return std::nullopt;
    }
    out.submission.sender = std::move(*sender);
    out.head = head_of(injection, transaction);
    return out;
}

// In whichever thread; what is thrown there is thrown on in the transaction's own.
void submit(Outgoing& out, const Transaction& transaction) {
    try {
        out.refused = transaction.services.mailer.submit(out.submission,
                                                         {out.head, transaction.content, transaction.header.size()});
    } catch (...) {
        out.thrown = std::current_exception();
    }
}

void conclude(const Outgoing& out, Transaction& transaction) {
    auto& ledger = transaction.ledger;
    if (!out.refused) return ledger.settle(out.recipients, deferred(cannot_forward, out.refused.error().what));
    note_results(*out.injection, *out.refused, ledger);
    if (out.injection->list && !out.refused->empty()) tell_owner(*out.injection, *out.refused, transaction);
}

} // namespace

void hand_over(const std::vector<PlannedInjection>& injections, Transaction& transaction) {
    std::vector<Outgoing> all;
    for (const auto& injection : injections)
        if (auto out = prepare(injection, transaction)) all.push_back(std::move(*out));
    if (all.empty()) return;
    side_by_side(all.size(), [&](std::size_t i) { submit(all[i], transaction); },
                 {.most = max_submissions_of_one, .has_room = transaction.services.may_submit_more});
    for (const auto& out : all) {
        if (out.thrown) std::rethrow_exception(out.thrown);
        conclude(out, transaction);
    }
}

void send_bounce(const Transaction& transaction) {
    const auto& [envelope, content, when, settings, services, header, ledger, begun] = transaction;
    if (!is_from_person(envelope.sender, header)) return;
    BounceNotice notice{.host = settings.hostname,
                        .id = envelope.id,
                        .to = *envelope.sender,
                        .when = when,
                        .failed = {},
                        .header = header.text()};
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i) {
        const auto& became = ledger.recipients()[i];
        if (became.verdict) continue;
        const auto& recipient = envelope.recipients[i].plan.recipient;
        if (!became.full.empty()) notice.failed.push_back({recipient, 552, "5.2.2"});
        for (const auto& refusal : became.refusals)
            notice.failed.push_back({recipient, refusal.code, refusal.enhanced});
    }
    if (notice.failed.empty()) return;
    const auto text = compose_bounce(notice);
    const MessageContent nothing(settings.mail_root);
    // Whether it could be sent or not, the journal names the refusals.
    (void)services.mailer.submit({.sender = {}, .targets = {notice.to}, .deadline = transaction.mta_deadline()},
                                 {text, nothing, 0});
}

} // namespace mailctl
