// SPDX-License-Identifier: Apache-2.0
// The order of a delivery; what is done at each step lives in a room of its own.
#include "mailctl/delivery/deliver.hpp"

#include "forwarding.hpp"
#include "held_copies.hpp"
#include "local_copies.hpp"
#include "mailctl/base/bounds.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

void agree(Transaction& transaction) {
    if (transaction.envelope.all_or_nothing) transaction.ledger.agree(transaction.settings.over_quota);
}

Status carry_out(Transaction& transaction) {
    auto& content = transaction.content;
    auto& ledger = transaction.ledger;
    TRY(content.status());
    TRY_ASSIGN(const std::string_view beginning, content.beginning(max_header_section));
    transaction.header = HeaderSection::scan(beginning);
    auto plan = plan_delivery(transaction.envelope, transaction.header, transaction.settings.max_hops);
    for (std::size_t i = 0; i < plan.verdicts.size(); ++i)
        if (plan.verdicts[i]) ledger.settle({i}, *plan.verdicts[i]);
    for (const auto& left_out : plan.left_out)
        ledger.note({left_out.recipient}, {"discarded", left_out.list.text(), left_out.why});

    LocalCopies copies(transaction);
    copies.stage(std::move(plan.copies));
    HeldCopies held(transaction);
    held.stage(std::move(plan.holds));
    agree(transaction);
    hand_over(plan.injections, transaction);
    hand_over(copies.take_unplaced(), transaction);
    agree(transaction);
    copies.publish();
    hand_over(copies.take_unplaced(), transaction);
    held.publish();
    ledger.conclude(transaction.settings.over_quota);
    send_bounce(transaction);
    return {};
}

LmtpReply reply_to(const EnvelopeRecipient& asked, const Ledger::Recipient& became, const std::string& id) {
    if (became.verdict) return became.verdict->reply;
    const bool forwarded = became.served.front().result == "forwarded";
    return {250, "2.0.0",
            fmt::format("<{}> {} {}", asked.plan.recipient.text(), id, forwarded ? "forwarded" : "saved")};
}

// What all its lines say.
JournalEntry entry_of(const Transaction& transaction) {
    JournalEntry entry;
    entry.time = transaction.when;
    entry.id = transaction.envelope.id;
    entry.message_id = cut_text(transaction.header.find("Message-ID").value_or(""), bounds::journal_message_id);
    entry.sender = sender_text(transaction.envelope.sender);
    entry.size = ByteCount{transaction.content.size()};
    return entry;
}

// One line per thing done, one per target that refused, and one per recipient for whom nothing was done.
void write_journal(const Transaction& transaction, const std::vector<LmtpReply>& replies) {
    const auto common = entry_of(transaction);
    std::vector<JournalEntry> entries;
    entries.reserve(replies.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        const auto& became = transaction.ledger.recipients()[i];
        const auto add = [&](std::string result, std::string where, std::string why) {
            auto& entry = entries.emplace_back(common);
            entry.recipient = transaction.envelope.recipients[i].plan.recipient.text();
            entry.status = fmt::format("{} {}", replies[i].code, replies[i].enhanced);
            entry.result = std::move(result);
            entry.where = std::move(where);
            entry.why = std::move(why);
        };
        const auto rule = deciding_rule(transaction.envelope.recipients[i].plan);
        for (const auto& done : became.served)
            add(done.result, done.where, rule);
        for (const auto& note : became.notes)
            add(note.result, note.where, note.why);
        for (const auto& full : became.full)
            add("refused", full.text(), "over quota");
        for (const auto& refusal : became.refusals)
            add("refused", refusal.target.text(), next_hop_words(refusal));
        if (became.verdict) add(became.verdict->result, "", became.verdict->why);
    }
    transaction.services.journal.write(entries);
}

std::vector<LmtpReply> answer(const Transaction& transaction) {
    const auto& envelope = transaction.envelope;
    std::vector<LmtpReply> replies;
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i)
        replies.push_back(reply_to(envelope.recipients[i], transaction.ledger.recipients()[i], envelope.id));
    write_journal(transaction, replies);
    return replies;
}

} // namespace

std::vector<LmtpReply> deliver(const Envelope& envelope, MessageContent& content, Instant when,
                               const DeliverySettings& settings, const DeliveryServices& services) {
    const LmtpReply later{451, "4.3.0", "internal error, try again later"};
    try {
        Transaction transaction{envelope, content, when, settings, services, {}, Ledger(envelope.recipients.size())};
        try {
            if (const auto done = carry_out(transaction); !done)
                transaction.ledger.settle_all(deferred_by_store(done.error()));
        } catch (const std::exception& problem) { // std::bad_alloc: no recipient may stay without an answer
            transaction.ledger.settle_all(deferred(later, problem.what()));
        }
        return answer(transaction);
    } catch (const std::exception&) {
        return std::vector<LmtpReply>(envelope.recipients.size(), later);
    }
}

} // namespace mailctl
