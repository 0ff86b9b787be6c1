// SPDX-License-Identifier: Apache-2.0
// Names of services and hosts: what counts is where they lead.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/record.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

// Target and port of an SRV value; the preference among several is the domain's own business.
std::string target_and_port(std::string_view value) {
    const auto words = split(value, ' ');
    return words.size() == 4 ? fmt::format("{} {}", words[3] == "." ? "-" : words[2], words[3]) : std::string();
}

// The address that a reverse name stands for is the one it was made from.
std::vector<std::string> addresses_of_hosts(const Site& site) {
    std::vector<std::string> addresses;
    for (const auto* list : {&site.dns.addresses, &site.source_ips})
        for (const auto& address : *list)
            addresses.push_back(canonical_address(address));
    return addresses;
}

} // namespace

DnsVerdict judge_service(const DnsCase& item, const DnsAnswer& answer) {
    if (answer.values.empty()) return {DnsState::missing};
    const auto wanted = target_and_port(item.first().value);
    const auto is_it = [&](const auto& value) { return target_and_port(value) == wanted; };
    if (std::ranges::any_of(answer.values, is_it)) return {};
    return {DnsState::wrong, "programs that look here are led elsewhere"};
}

DnsVerdict judge_client_name(const DnsCase& item, const DnsAnswer& answer) {
    const auto target = without_dot(item.first().value);
    if (std::ranges::find(answer.values, item.first().value) != answer.values.end()) return {};
    const auto found = addresses_of_host(item.book, item.first().name);
    if (found.are_none()) return {DnsState::missing, {}, answer.values};
    const auto wanted = addresses_of_host(item.book, target);
    auto shown = answer.values.empty() ? found.found : answer.values;
    if (share_one(found.found, wanted.found)) return {DnsState::ok, {}, std::move(shown)};
    if (!found.complete || !wanted.complete) return {DnsState::unknown, "its addresses could not be looked up"};
    return {DnsState::wrong, fmt::format("it does not lead to '{}'", target), std::move(shown)};
}

// The policy may be given out by any web server.
DnsVerdict judge_policy_host(const DnsCase& item, const DnsAnswer& answer) {
    auto verdict = judge_client_name(item, answer);
    if (verdict.state == DnsState::wrong) verdict = {DnsState::ok, "another web server", std::move(verdict.found)};
    return verdict;
}

DnsVerdict judge_host_address(const DnsCase& item, const DnsAnswer& answer) {
    if (answer.values.empty()) return {DnsState::missing};
    DnsVerdict verdict;
    std::vector<std::string> ours = addresses_of_hosts(item.site);
    for (const auto& wanted : item.wanted)
        if (std::ranges::find(answer.values, wanted.record.value) == answer.values.end())
            verdict = {DnsState::wrong, fmt::format("{} is not among them", wanted.record.value)};
    for (const auto& value : answer.values)
        if (std::ranges::find(ours, value) == ours.end())
            verdict.notes.push_back({"further-address",
                                     fmt::format("{} is not in dns.addresses", value),
                                     DnsState::extra,
                                     {},
                                     {},
                                     {value}});
    return verdict;
}

DnsVerdict judge_reverse(const DnsCase& item, const DnsAnswer& answer) {
    if (answer.values.empty()) return {DnsState::missing};
    if (answer.values.size() > 1) return {DnsState::several, "an address has one name: some look at the first only"};
    const auto addresses = addresses_of_hosts(item.site);
    const auto own = std::ranges::find(addresses, item.first().name, [](const auto& one) { return reverse_name(one); });
    const auto host = without_dot(answer.values.front());
    const auto found = addresses_of_host(item.book, host);
    if (own == addresses.end() || std::ranges::find(found.found, *own) != found.found.end()) return {};
    if (!found.complete) return {DnsState::unknown, fmt::format("'{}' could not be looked up", host)};
    return {DnsState::wrong, fmt::format("'{}' does not lead back to {}", host, *own)};
}

} // namespace mailctl
