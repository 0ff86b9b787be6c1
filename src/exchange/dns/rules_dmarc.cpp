// SPDX-License-Identifier: Apache-2.0
// DMARC (RFC 9989): what a domain asks of others, and whether those it sends reports to take them (RFC 9990).
#include "judging.hpp"

#include "dmarc.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::array<std::string_view, 3> dmarc_policies{"none", "quarantine", "reject"};
constexpr std::array<std::string_view, 3> obsolete_tags{"pct", "rf", "ri"};

// A key that mail is signed with was seen. nullopt: it could not be asked.
std::optional<bool> sees_signing_key(const DnsCase& item) {
    bool complete = true;
    for (const auto& key : item.subject->dkim) {
        if (!key.active) continue;
        const auto& answer =
            item.book.ask(fmt::format("{}._domainkey.{}", key.selector, item.subject->domain->name.text()), "TXT");
        if (answer.is_known() && has_dkim_key(answer)) return true;
        complete = complete && answer.is_known();
    }
    return complete ? std::optional(false) : std::nullopt;
}

// A domain that rejects what does not pass has to sign (RFC 9989 7.4).
constexpr std::string_view unsigned_words =
    "p=reject, and no key that mail is signed with is in the DNS: what is forwarded is lost (RFC 9989 7.4)";
bool rejects_unsigned(const DnsCase& item, const TagList& found) {
    return fold(found.value("p")) == "reject" && sees_signing_key(item) == false;
}

// "" = it is what we want.
std::string fault_of_dmarc(const DnsCase& item, const TagList& found) {
    const auto policy = fold(found.value("p", "none"));
    if (std::ranges::find(dmarc_policies, policy) == dmarc_policies.end())
        return fmt::format("'p={}' is not a policy", printable(policy));
    if (!found.well_formed) return "a part of it is not NAME=VALUE";
    if (const auto& wanted = item.subject->domain->dmarc) {
        if (policy != wanted->policy)
            return fmt::format("it says p={}, and dmarc.policy is {}", policy, wanted->policy);
        const auto uris = report_uris(found.value("rua"));
        const auto is_it = [&](const auto& uri) { return equal_folded(uri, wanted->report_to); };
        if (!wanted->report_to.empty() && std::ranges::none_of(uris, is_it))
            return fmt::format("reports do not go to {}", wanted->report_to);
    }
    const bool is_our_policy = item.subject->domain->dmarc.has_value();
    return is_our_policy && rejects_unsigned(item, found) ? std::string(unsigned_words) : std::string();
}

void add_tag_notes(const TagList& found, std::vector<DnsNote>& notes) {
    std::vector<std::string> obsolete;
    for (const auto& [tag, unused] : found.tags)
        if (std::ranges::find(obsolete_tags, tag) != obsolete_tags.end()) obsolete.push_back(tag);
    if (!obsolete.empty())
        notes.push_back({"dmarc-obsolete", fmt::format("{}: no longer a tag (RFC 9989)", join(obsolete, ", "))});
    if (found.value("rua").contains('!'))
        notes.push_back({"dmarc-size", "a size behind a report address no longer means anything (RFC 9989)"});
    if (fold(found.value("t")) == "y")
        notes.push_back({"dmarc-test", "t=y: some take the policy as it is, others a step weaker; p=none is a test"});
}

// A report address elsewhere needs the consent of its domain. The one of the domain file has a row of its own.
void add_consent_notes(const DnsCase& item, std::span<const std::string> uris, std::vector<DnsNote>& notes) {
    const auto& own = item.subject->name.text();
    const auto& dmarc = item.subject->domain->dmarc;
    for (const auto& uri : uris) {
        const auto receiver = report_domain(uri);
        if (receiver.empty() || (dmarc && report_domain(dmarc->report_to) == receiver)) continue;
        if (walk_dmarc(item.book, receiver).organization == walk_dmarc(item.book, own).organization) continue;
        const auto name = fmt::format("{}._report._dmarc.{}", own, receiver);
        const auto& consent = item.book.ask(name, "TXT");
        if (!consent.is_known() || !with_version(consent.values, "v=DMARC1").empty()) continue;
        notes.push_back({"report-consent",
                         fmt::format("'{}' does not say that it takes reports: none will come", receiver),
                         DnsState::missing, name, "TXT", consent.values, "v=DMARC1"});
    }
}

// Without a record of its own, one further up may hold for the domain.
DnsVerdict judge_inherited(const DnsCase& item) {
    if (item.subject->domain->dmarc) return {DnsState::missing};
    const auto walk = walk_dmarc(item.book, item.subject->name.text());
    if (!walk.complete && walk.records.empty()) return {DnsState::unknown, "the names above could not be asked"};
    if (walk.records.empty()) return {DnsState::missing};
    const auto& record = walk.records.back();
    return {DnsState::ok, fmt::format("the record of '{}' holds", record.name), {record.text}};
}

} // namespace

DnsVerdict judge_dmarc(const DnsCase& item, const DnsAnswer& answer) {
    auto records = with_version(answer.values, "v=DMARC1");
    if (records.empty()) return judge_inherited(item);
    if (records.size() > 1) return {DnsState::several, "with several records none holds (RFC 9989 4.7)", records};
    const auto found = parse_tags(records.front());
    DnsVerdict verdict;
    verdict.hint = fault_of_dmarc(item, found);
    if (!verdict.hint.empty()) verdict.state = DnsState::wrong;
    verdict.found = std::move(records);
    const auto uris = report_uris(found.value("rua"));
    if (!item.subject->domain->dmarc && rejects_unsigned(item, found))
        verdict.notes.push_back({"dmarc-unsigned", std::string(unsigned_words)});
    add_tag_notes(found, verdict.notes);
    add_consent_notes(item, uris, verdict.notes);
    add_report_notes(item, uris, verdict.notes);
    return verdict;
}

DnsVerdict judge_report_consent(const DnsCase& item, const DnsAnswer& answer) {
    if (!with_version(answer.values, "v=DMARC1").empty()) return {};
    const auto receiver = report_domain(item.subject->domain->dmarc->report_to);
    const auto theirs = walk_dmarc(item.book, receiver), ours = walk_dmarc(item.book, item.subject->name.text());
    if (theirs.organization == ours.organization) return {DnsState::ok, "both belong together: no consent is needed"};
    return {DnsState::missing, fmt::format("in the zone of '{}'; without it no report comes", receiver)};
}

} // namespace mailctl
