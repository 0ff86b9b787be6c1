// SPDX-License-Identifier: Apache-2.0
// What a domain says about transport and certificates: MTA-STS, TLS reports, CAA.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// The policy names our hosts; an MX that is none of them gets no mail from who enforces it.
void add_policy_notes(const DnsCase& item, std::vector<DnsNote>& notes) {
    const auto& answer = item.book.ask(item.subject->name.text(), "MX");
    if (!answer.is_known()) return;
    for (const auto& exchange : found_exchanges(answer)) {
        const bool is_covered = std::ranges::any_of(
            mail_exchanges(item.site), [&](const auto& ours) { return ours.host.text() == exchange.host; });
        if (!is_covered && !exchange.host.empty())
            notes.push_back({"policy-mx", fmt::format("'{}' is an MX and not in the MTA-STS policy", exchange.host)});
    }
}

// The nearest CAA records on the way up hold (RFC 8659 3).
const DnsAnswer* climb_for_caa(DnsBook& book, const std::string& name, bool& complete) {
    for (std::string_view at = name; !at.empty(); at = parent_name(at)) {
        const auto& answer = book.ask(at, "CAA");
        complete = complete && answer.is_known();
        if (answer.is_known() && !answer.values.empty()) return &answer;
    }
    return nullptr;
}

} // namespace

DnsVerdict judge_mta_sts(const DnsCase& item, const DnsAnswer& answer) {
    auto records = with_version(answer.values, "v=STSv1");
    if (records.empty()) return {DnsState::missing};
    if (records.size() > 1)
        return {DnsState::several, "with several records there is no policy (RFC 8461 3.1)", records};
    DnsVerdict verdict;
    if (parse_tags(records.front()).value("id") != item.subject->policy_id)
        verdict = {DnsState::wrong, "its id is of another policy: others keep the one they have"};
    verdict.found = std::move(records);
    add_policy_notes(item, verdict.notes);
    return verdict;
}

DnsVerdict judge_tls_reports(const DnsCase& item, const DnsAnswer& answer) {
    auto records = with_version(answer.values, "v=TLSRPTv1");
    if (records.empty()) return {DnsState::missing};
    if (records.size() > 1) return {DnsState::several, "with several records none holds (RFC 8460 3)", records};
    const auto uris = report_uris(parse_tags(records.front()).value("rua"));
    DnsVerdict verdict;
    const auto is_ours = [&](const auto& uri) { return equal_folded(uri, item.site.dns.tlsrpt); };
    if (std::ranges::none_of(uris, is_ours))
        verdict = {DnsState::wrong, fmt::format("reports do not go to {}", item.site.dns.tlsrpt)};
    verdict.found = std::move(records);
    add_report_notes(item, uris, verdict.notes);
    return verdict;
}

DnsVerdict judge_caa(const DnsCase& item, const DnsAnswer&) {
    bool complete = true;
    const auto* answer = climb_for_caa(item.book, item.first().name, complete);
    if (!answer)
        return complete ? DnsVerdict{DnsState::missing} : DnsVerdict{DnsState::unknown, "not all could be asked"};
    std::vector<std::string> absent;
    for (const auto& wanted : item.wanted)
        if (const auto value = canonical_value("CAA", wanted.record.value);
            std::ranges::find(answer->values, value) == answer->values.end())
            absent.push_back(value);
    if (!absent.empty())
        return {DnsState::wrong, fmt::format("{} is not among them", join(absent, ", ")), answer->values};
    return {DnsState::ok, {}, answer->values};
}

} // namespace mailctl
