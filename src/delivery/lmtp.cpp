// SPDX-License-Identifier: Apache-2.0
// Answers to RCPT come from the Plan; what could not be found out is always 451.
#include "lmtp.hpp"

#include "held_copies.hpp"
#include "mailctl/maildir/mailbox_quota.hpp"
#include "mailctl/store/candidates.hpp"

namespace mailctl {
namespace {

const LmtpReply try_later{451, "4.3.0", "temporary lookup failure"};

// The declared size counts CRLF; what is stored may be smaller by one byte a line. Left to the end of the data is what
// might just fit.
ByteCount stored_at_least(const std::optional<ByteCount>& declared) {
    constexpr std::uint64_t shortest_usual_line = 32;
    return ByteCount{declared ? declared->bytes - declared->bytes / shortest_usual_line : 1};
}

} // namespace

LmtpReply LmtpDelivery::mail(const MailCommand& command) {
    envelope_ = Envelope{.id = agent_.make_id(),
                         .sender = command.sender,
                         .recipients = {},
                         .client_name = command.client_name,
                         .peer = peer_,
                         .protocol = command.smtputf8 ? "UTF8LMTP" : "LMTP",
                         .body_8bit = command.body_8bit,
                         .smtputf8 = command.smtputf8};
    declared_size_ = command.size;
    return {250, "2.1.0", "ok"};
}

LmtpReply LmtpDelivery::rcpt(const RcptCommand& command) {
    auto reply = answer_to(command);
    if (reply.code >= 300) agent_.tally().count(reply); // the others get their answer with the message
    return reply;
}

LmtpReply LmtpDelivery::answer_to(const RcptCommand& command) {
    const auto view = agent_.view();
    if (!view) return try_later;
    auto plan = agent_.resolve(*view, envelope_.sender, command.recipient);
    if (!plan) return try_later;
    if (plan->banned) banned_.push_back(*plan->banned);
    if (const auto* answer = std::get_if<Reject>(&plan->outcome)) return {answer->code, answer->enhanced, answer->text};
    if (const auto* answer = std::get_if<Defer>(&plan->outcome)) return {answer->code, answer->enhanced, answer->text};
    if (const auto refusal = check_candidate(*view, *plan)) return *refusal;
    if (const auto refusal = check_room(*view, *plan)) return *refusal;
    const auto generation = view->settings->generation;
    resolved_at_ = envelope_.recipients.empty() || resolved_at_ == generation ? generation : 0;
    envelope_.recipients.push_back({std::move(*plan), command.original_recipient});
    return {250, "2.1.5", "ok"};
}

// Over the limits an unknown name is what it was before: unknown.
std::optional<LmtpReply> LmtpDelivery::check_candidate(const View& view, const Plan& plan) const {
    const auto* name = find_sole_candidate(plan);
    if (!name) return std::nullopt;
    const auto room =
        has_room(agent_.state(), *name, stored_at_least(declared_size_), view.settings->delivery.candidates);
    if (!room) return try_later;
    if (!*room) return unknown_candidate_reply();
    return std::nullopt;
}

// Refuses only where every copy of the message would have to be refused.
std::optional<LmtpReply> LmtpDelivery::check_room(const View& view, const Plan& plan) const {
    const auto* deliver = std::get_if<Deliver>(&plan.outcome);
    if (!deliver || deliver->deliveries.empty()) return std::nullopt;
    bool all_full = true;
    std::optional<MailStore> store;
    for (const auto& delivery : deliver->deliveries) {
        const auto* local = std::get_if<LocalDelivery>(&delivery);
        if (local && local->list) local = nullptr; // a list takes what single members cannot
        if (local && agent_.gate().is_stuck(local->mailbox.key()))
            return LmtpReply{451, "4.3.0", "too many concurrent deliveries"};
        if (!local || local->quota.bytes == 0) all_full = false;
        if (!all_full) continue;
        if (!store) {
            const auto& settings = view.settings->delivery;
            auto opened = MailStore::open(settings.mail_root, settings.hostname.text(), settings.owner);
            if (!opened) return std::nullopt; // the end of the data will tell
            store = std::move(*opened);
        }
        const auto mailbox = store->find_mailbox(local->mailbox);
        all_full = mailbox && *mailbox &&
                   is_surely_over(**mailbox, {local->quota, 0}, stored_at_least(declared_size_), agent_.now());
    }
    if (!all_full) return std::nullopt;
    return over_quota_reply(view.settings->delivery.over_quota);
}

void LmtpDelivery::begin_data() {
    const auto view = agent_.view();
    content_.emplace(view ? view->settings->delivery.mail_root : agent_.paths().mail);
    message_.emplace([this](std::string_view piece) { content_->append(piece); });
}

void LmtpDelivery::data(std::string_view chunk) { message_->add(chunk); }

std::vector<LmtpReply> LmtpDelivery::finish() {
    message_->end();
    auto replies = agent_.deliver(envelope_, resolved_at_, *content_);
    count_bans();
    return replies;
}

void LmtpDelivery::data_refused() { count_bans(); }

void LmtpDelivery::count_bans() {
    if (banned_.empty()) return;
    agent_.count_bans(std::exchange(banned_, {}), BanTally::Urgency::at_leisure);
    has_counted_ = true;
}

LmtpDelivery::~LmtpDelivery() {
    if (has_counted_) agent_.count_bans({}, BanTally::Urgency::at_once);
}

void LmtpDelivery::reset() {
    message_.reset();
    banned_.clear();
    content_.reset();
    envelope_ = {};
    resolved_at_ = 0;
}

} // namespace mailctl
