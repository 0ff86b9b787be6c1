// SPDX-License-Identifier: Apache-2.0
// A transaction of LMTP, from MAIL to the end of the data.
#include "lmtp.hpp"

#include "rcpt_answer.hpp"

namespace mailctl {
namespace {

const LmtpReply try_later{451, "4.3.0", "temporary lookup failure"};

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
    auto answer = answer_rcpt(agent_, *view, envelope_.sender, command.recipient, declared_size_);
    if (answer.plan && answer.plan->banned) banned_.push_back(*answer.plan->banned);
    if (answer.kind != RcptAnswer::Kind::accepted) return answer.reply;
    const auto generation = view->settings->generation;
    resolved_at_ = envelope_.recipients.empty() || resolved_at_ == generation ? generation : 0;
    envelope_.recipients.push_back({std::move(*answer.plan), command.original_recipient});
    return answer.reply;
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
