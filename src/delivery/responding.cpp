// SPDX-License-Identifier: Apache-2.0
#include "responding.hpp"

#include "mailctl/store/recipient.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {
namespace {

bool is_good(const LmtpReply& reply) { return reply.code / 100 == 2; }

const std::vector<Address>& responders_of(const EnvelopeRecipient& recipient) {
    static const std::vector<Address> none;
    const auto* deliver = std::get_if<Deliver>(&recipient.plan.outcome);
    return deliver ? deliver->responders : none;
}

class Decider {
  public:
    Decider(const DeliveredMail& mail, const Lookup& lookup, const Site& site, Date today)
        : mail_(mail), lookup_(lookup), site_(site), today_(today) {}

    AnswerDecisions decide() {
        for (std::size_t i = 0; i < mail_.envelope.recipients.size(); ++i)
            if (is_good(mail_.replies[i])) decide_for(i);
        return std::move(decisions_);
    }

  private:
    void decide_for(std::size_t index) {
        const auto& recipient = mail_.envelope.recipients[index];
        for (const auto& responder : responders_of(recipient)) {
            if (!asked_.insert(responder.key()).second) continue;
            auto entry = entry_of(index, responder);
            const auto found = lookup_.find_responder(responder.domain, responder.local.key());
            if (!found) {
                decline(std::move(entry), found.error().what);
            } else if (!*found) {
                decline(std::move(entry), "it was switched off meanwhile");
            } else if (auto objection = object(**found, responder, recipient.plan)) {
                decline(std::move(entry), std::move(*objection));
            } else {
                add(std::move(entry), responder, **found);
                return;
            }
        }
    }

    std::optional<std::string> object(const ResponderEntry& text, const Address& responder, const Plan& plan) const {
        IsOwnAddress is_own = own_addresses(lookup_, text, responder, site_.addresses.delimiters);
        // A robot may be reached by a forward, and then answers for that name; a person's absence is his own.
        if (text.kind == ResponderEntry::Kind::robot)
            is_own = [is_own, &plan](const Address& address) {
                const auto key = address.key();
                return key == plan.recipient.key() || key == plan.resolved.key() || is_own(address);
            };
        return object_to_answer({.sender = mail_.envelope.sender,
                                 .header = mail_.header,
                                 .is_own = is_own,
                                 .start = text.start,
                                 .end = text.end,
                                 .today = today_});
    }

    void add(JournalEntry entry, const Address& responder, const ResponderEntry& text) {
        if (!answered_mail_) answered_mail_ = answered_mail(mail_.header);
        auto id = fmt::format("{}.{}", entry.id, decisions_.due.size() + 1);
        decisions_.due.push_back(
            {std::move(entry), responder, *mail_.envelope.sender, text, *answered_mail_, std::move(id)});
    }
    void decline(JournalEntry entry, std::string why) {
        entry.result = "not answered";
        entry.why = std::move(why);
        decisions_.declined.push_back(std::move(entry));
    }
    [[nodiscard]] JournalEntry entry_of(std::size_t index, const Address& responder) const {
        const auto& reply = mail_.replies[index];
        return {.time = mail_.when,
                .id = mail_.envelope.id,
                .message_id = mail_.header.find("Message-ID").value_or(""),
                .sender = sender_text(mail_.envelope.sender),
                .recipient = mail_.envelope.recipients[index].plan.recipient.text(),
                .result = {},
                .where = responder.text(),
                .status = fmt::format("{} {}", reply.code, reply.enhanced),
                .why = {},
                .size = mail_.size};
    }

    const DeliveredMail& mail_;
    const Lookup& lookup_;
    const Site& site_;
    Date today_;
    std::set<std::string> asked_;
    std::optional<AnsweredMail> answered_mail_;
    AnswerDecisions decisions_;
};

} // namespace

AnswerDecisions decide_answers(const DeliveredMail& mail, const Lookup& lookup, const Site& site, Date today) {
    const bool comes_again = mail.envelope.all_or_nothing && !std::ranges::all_of(mail.replies, is_good);
    return comes_again ? AnswerDecisions{} : Decider(mail, lookup, site, today).decide();
}

bool has_responders(const Envelope& envelope) {
    return std::ranges::any_of(envelope.recipients,
                               [](const EnvelopeRecipient& each) { return !responders_of(each).empty(); });
}

} // namespace mailctl
