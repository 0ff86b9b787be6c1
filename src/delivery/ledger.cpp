// SPDX-License-Identifier: Apache-2.0
// Verdicts fill up from the front (loops, refusals, failures); a recipient without one at the end has been served.
#include "mailctl/delivery/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace mailctl {
namespace {

Verdict full_verdict(const Address& mailbox, OverQuotaAnswer answer) {
    const auto reply = over_quota_reply(answer);
    return {reply, reply.code < 500 ? "deferred" : "rejected", fmt::format("over quota: {}", mailbox.text())};
}

// Whether the next hop means this mail and this address. What it says of our commands, of its own state or of who may
// talk to it is between the two mail systems: the administrator mends that, and the mail waits.
// Of 54x, 56x and beyond, which filters invent ("541 5.7.1"), the enhanced code alone says what they mean.
bool is_verdict(const Refusal& refusal) {
    const auto& enhanced = refusal.enhanced;
    const bool is_known = refusal.code >= 550 && refusal.code <= 559 && refusal.code != 555;
    const bool is_invented = (refusal.code >= 540 && refusal.code <= 549) || refusal.code >= 560;
    return (is_known || (is_invented && !enhanced.empty())) && !enhanced.starts_with("5.5.") && enhanced != "5.3.5" &&
           enhanced != "5.7.0";
}

bool is_of_address(const Refusal& refusal) { return refusal.enhanced.starts_with("5.1."); }

// The next hop's words are for the journal: the sender learns the code, and what we say of it.
Verdict refused_verdict(const std::vector<Refusal>& refusals) {
    const auto* told = &refusals.front();
    auto why = fmt::format("{} refused: {} {} {}", told->target.text(), told->code, told->enhanced, told->text);
    if (!std::ranges::all_of(refusals, is_verdict))
        return deferred({451, "4.3.0", "the address it is forwarded to refuses it"}, std::move(why));
    if (std::ranges::all_of(refusals, is_of_address))
        return {{550, "5.1.1", "the address it is forwarded to is unknown"}, "rejected", std::move(why)};
    told = &*std::ranges::find_if_not(refusals, is_of_address);
    const auto enhanced = told->enhanced.empty() ? std::string("5.0.0") : told->enhanced;
    return {{told->code, enhanced, "the address it is forwarded to refuses it"}, "rejected", std::move(why)};
}

} // namespace

bool Ledger::is_open(const Dependents& recipients) const {
    return std::any_of(recipients.begin(), recipients.end(), [&](std::size_t i) { return !people_[i].verdict; });
}

void Ledger::settle(const Dependents& recipients, const Verdict& verdict) {
    for (const auto i : recipients)
        if (!people_[i].verdict) people_[i].verdict = verdict;
}

void Ledger::settle_all(const Verdict& verdict) {
    for (auto& recipient : people_)
        if (!recipient.verdict) recipient.verdict = verdict;
}

void Ledger::serve(const Dependents& recipients, const Service& service) {
    for (const auto i : recipients)
        if (!people_[i].verdict) people_[i].served.push_back(service);
}

void Ledger::refuse(const Dependents& recipients, const Refusal& refusal) {
    for (const auto i : recipients)
        people_[i].refusals.push_back(refusal);
}

void Ledger::find_full(const Dependents& recipients, const Address& mailbox) {
    for (const auto i : recipients)
        people_[i].full.push_back(mailbox);
}

void Ledger::note(const Dependents& recipients, const Note& note) {
    for (const auto i : recipients)
        people_[i].notes.push_back(note);
}

void Ledger::agree(OverQuotaAnswer over_quota) {
    for (auto& recipient : people_)
        if (!recipient.full.empty() && !recipient.verdict)
            recipient.verdict = full_verdict(recipient.full.front(), over_quota);
    const bool all_well = std::all_of(people_.begin(), people_.end(), [](const Recipient& recipient) {
        return !recipient.verdict || recipient.verdict->reply.code / 100 == 2;
    });
    if (!all_well)
        settle_all(deferred({451, "4.3.0", "not delivered to another recipient"}, "another recipient failed"));
}

void Ledger::conclude(OverQuotaAnswer over_quota) {
    for (auto& recipient : people_) {
        if (recipient.verdict || !recipient.served.empty()) continue;
        if (!recipient.full.empty())
            recipient.verdict = full_verdict(recipient.full.front(), over_quota);
        else if (!recipient.refusals.empty())
            recipient.verdict = refused_verdict(recipient.refusals);
        else
            recipient.verdict = deferred({451, "4.3.0", "not delivered"}, "nothing was delivered"); // never 250
    }
}

Verdict deferred(LmtpReply reply, std::string why) { return {std::move(reply), "deferred", std::move(why)}; }

LmtpReply reply_to_store_error(const Error& error) {
    switch (error.os_error) {
    case ENOSPC:
        return {452, "4.3.0", "insufficient storage"};
    case EDQUOT:
    case EFBIG:
        return {452, "4.2.2", "mailbox full"};
    default:
        return {451, "4.2.0", "mailbox temporarily not available"};
    }
}

Verdict deferred_by_store(const Error& error) { return deferred(reply_to_store_error(error), error.what); }

std::string next_hop_words(const Refusal& refusal) {
    return fmt::format("next hop: {} {} {}", refusal.code, refusal.enhanced, refusal.text);
}

LmtpReply over_quota_reply(OverQuotaAnswer answer) {
    if (answer == OverQuotaAnswer::reject) return {552, "5.2.2", "mailbox full"};
    return {452, "4.2.2", "mailbox full"};
}

} // namespace mailctl
