// SPDX-License-Identifier: Apache-2.0
// SPF: evaluated for the addresses that mail leaves from, never compared as text: whoever names more senders than we
// know of is not wrong.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "spf.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

std::string consumers_text(const SpfCost& cost) {
    std::vector<std::string> texts;
    for (const auto& [term, count] : cost.consumers)
        texts.push_back(fmt::format("{} {}", term, count));
    return join(texts, ", ");
}

void add_strength_notes(std::string_view text, std::vector<DnsNote>& notes) {
    const auto terms = spf_terms(text);
    const auto is_all = [](const auto& term) { return fold(term).ends_with("all") && term.size() <= 4; };
    const auto all = std::ranges::find_if(terms, is_all);
    const auto has = [&](std::string_view word) {
        return std::ranges::any_of(terms, [&](const auto& term) { return fold(term).starts_with(word); });
    };
    if (all == terms.end() && !has("redirect="))
        notes.push_back({"spf-open", "the record does not end in all or redirect: others may send too"});
    if (all != terms.end() && (all->front() == '+' || all->front() == 'a' || all->front() == 'A'))
        notes.push_back({"spf-everybody", fmt::format("'{}' lets everybody send mail of the domain", *all)});
    if (all != terms.end() && all->front() == '?')
        notes.push_back({"spf-neutral", "'?all' says nothing about others: ~all or -all does"});
    if (all != terms.end() &&
        std::ranges::any_of(all + 1, terms.end(), [](const auto& term) { return !term.contains('='); }))
        notes.push_back({"spf-after-all", fmt::format("what stands behind '{}' is never looked at", *all)});
    if (std::ranges::any_of(terms, [](const auto& term) {
            const auto word = fold(term.substr(term.find_first_not_of("+-~?")));
            return word == "ptr" || word.starts_with("ptr:");
        }))
        notes.push_back({"spf-ptr", "'ptr' is slow and unreliable: it must not be used (RFC 7208 5.5)"});
}

// The record of `domain` for mail from these addresses; `wanted` is what we would have there.
DnsVerdict judge_record(const DnsCase& item, const std::string& domain, const std::string& text,
                        const HostAddresses& senders) {
    const bool is_wanted = text == item.first().value;
    const DnsVerdict no_answer = is_wanted ? DnsVerdict{} : DnsVerdict{DnsState::unknown, "it could not be evaluated"};
    const auto cost = cost_of_spf(item.book, domain, text);
    if (cost.lookups > most_spf_lookups)
        return {DnsState::wrong, fmt::format("{} look-ups, of at most {} (RFC 7208 4.6.4): {}", cost.lookups,
                                             most_spf_lookups, consumers_text(cost))};
    if (cost.complete && cost.voids > most_spf_voids)
        return {DnsState::wrong,
                fmt::format("{} look-ups without an answer, of at most {}", cost.voids, most_spf_voids)};
    for (const auto& address : senders.found) {
        const auto outcome = evaluate_spf(item.book, domain, text, address);
        if (outcome.result == SpfResult::temperror) return no_answer;
        if (outcome.result != SpfResult::pass)
            return {DnsState::wrong, fmt::format("mail from {} gets '{}'{}{}", address, spf_word(outcome.result),
                                                 outcome.why.empty() ? "" : ": ", outcome.why)};
    }
    if (senders.found.empty() || !senders.complete) return no_answer;
    DnsVerdict verdict;
    add_strength_notes(text, verdict.notes);
    return verdict;
}

DnsVerdict judge_spf_for(const DnsCase& item, const DnsAnswer& answer, const std::string& domain,
                         const HostAddresses& senders) {
    std::vector<std::string> records;
    std::ranges::copy_if(answer.values, std::back_inserter(records), is_spf);
    DnsVerdict verdict;
    if (records.empty())
        verdict.state = DnsState::missing;
    else if (records.size() > 1)
        verdict = {DnsState::several, "one record of SPF counts; with several, none does (RFC 7208 4.5)"};
    else
        verdict = judge_record(item, domain, records.front(), senders);
    verdict.found = std::move(records);
    return verdict;
}

} // namespace

DnsVerdict judge_spf(const DnsCase& item, const DnsAnswer& answer) {
    HostAddresses senders{sending_addresses(item.site, *item.subject->domain)};
    if (senders.found.empty()) senders = own_addresses(item);
    return judge_spf_for(item, answer, item.first().name, senders);
}

DnsVerdict judge_helo_spf(const DnsCase& item, const DnsAnswer& answer) {
    HostAddresses senders = own_addresses(item);
    for (const auto& address : item.site.source_ips)
        senders.found.push_back(canonical_address(address));
    return judge_spf_for(item, answer, item.first().name, senders);
}

} // namespace mailctl
