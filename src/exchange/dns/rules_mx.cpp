// SPDX-License-Identifier: Apache-2.0
// MX: held against ours after resolving, so that another name of the same host is as good.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

enum class Whose { ours, elsewhere, unknown };

struct JudgedExchange {
    FoundExchange exchange;
    Whose whose = Whose::unknown;
    bool is_dead = false, is_alias = false, is_literal = false;
};

bool is_wanted_name(const DnsCase& item, const std::string& host) {
    return std::ranges::any_of(mail_exchanges(item.site),
                               [&](const auto& exchange) { return exchange.host.text() == host; });
}

// A name of ours is ours unless it leads to other addresses than we say we have.
Whose whose_host(const DnsCase& item, const std::string& host, const HostAddresses& addresses) {
    const auto own = own_addresses(item);
    if (share_one(addresses.found, own.found)) return Whose::ours;
    const bool by_name = is_wanted_name(item, host);
    if (by_name && (addresses.found.empty() || item.site.dns.addresses.empty())) return Whose::ours;
    return addresses.complete && own.complete ? Whose::elsewhere : Whose::unknown;
}

JudgedExchange judge_exchange(const DnsCase& item, FoundExchange exchange) {
    JudgedExchange judged{std::move(exchange)};
    const auto& host = judged.exchange.host;
    judged.is_literal = is_ip_address(host);
    if (judged.is_literal) return judged;
    const auto addresses = addresses_of_host(item.book, host);
    const auto& alias = item.book.ask(host, "CNAME");
    judged.is_alias = alias.is_known() && !alias.values.empty();
    judged.is_dead = addresses.are_none();
    judged.whose = whose_host(item, host, addresses);
    return judged;
}

std::string names_of_exchanges(std::span<const JudgedExchange> exchanges) {
    std::vector<std::string> names;
    for (const auto& one : exchanges)
        names.push_back(one.exchange.host);
    return join(names, ", ");
}

// What is wrong with the set as a whole; "" = nothing.
std::string fault_of_exchanges(std::span<const JudgedExchange> exchanges) {
    for (const auto& one : exchanges) {
        if (one.is_literal)
            return fmt::format("'{}' is an address: an MX names a host (RFC 5321 5.1)", one.exchange.host);
        if (one.is_alias)
            return fmt::format("'{}' is an alias (CNAME): an MX may not name one (RFC 2181 10.3)", one.exchange.host);
    }
    if (std::ranges::all_of(exchanges, &JudgedExchange::is_dead))
        return fmt::format("no host of the MX has an address: {}", names_of_exchanges(exchanges));
    const auto best = exchanges.front().exchange.preference;
    const bool best_is_ours = std::ranges::any_of(
        exchanges, [&](const auto& one) { return one.exchange.preference == best && one.whose != Whose::elsewhere; });
    const bool some_are = std::ranges::any_of(exchanges, [](const auto& one) { return one.whose != Whose::elsewhere; });
    if (!some_are) return fmt::format("mail for the domain goes elsewhere: {}", names_of_exchanges(exchanges));
    if (!best_is_ours)
        return fmt::format("'{}' is not ours and is preferred to our hosts", exchanges.front().exchange.host);
    return {};
}

void add_exchange_notes(const DnsCase& item, std::span<const JudgedExchange> exchanges, std::vector<DnsNote>& notes) {
    for (const auto& one : exchanges) {
        if (one.is_dead)
            notes.push_back(
                {"dead-mx", fmt::format("'{}' has no address: senders lose time with it", one.exchange.host)});
        else if (one.whose == Whose::elsewhere)
            notes.push_back(
                {"foreign-mx",
                 fmt::format("'{}' is not ours: mail may wait there, and its filters are others", one.exchange.host)});
    }
    for (const auto& wanted : mail_exchanges(item.site)) {
        const bool is_there =
            std::ranges::any_of(exchanges, [&](const auto& one) { return one.exchange.host == wanted.host.text(); });
        const bool all_ours = std::ranges::all_of(exchanges, [](const auto& one) { return one.whose == Whose::ours; });
        if (!is_there && exchanges.size() < mail_exchanges(item.site).size() && all_ours)
            notes.push_back({"absent-mx", fmt::format("'{}' is not among the hosts", wanted.host.text())});
    }
}

} // namespace

DnsVerdict judge_mx(const DnsCase& item, const DnsAnswer& answer) {
    if (answer.values.empty()) return {DnsState::missing};
    std::vector<JudgedExchange> exchanges;
    for (auto& exchange : found_exchanges(answer)) {
        if (exchange.host.empty())
            return {DnsState::wrong, "the domain says that it takes no mail (null MX, RFC 7505)"};
        exchanges.push_back(judge_exchange(item, std::move(exchange)));
    }
    if (auto fault = fault_of_exchanges(exchanges); !fault.empty()) return {DnsState::wrong, std::move(fault)};
    if (std::ranges::none_of(exchanges, [](const auto& one) { return one.whose == Whose::ours; }))
        return {DnsState::unknown, "the addresses of its hosts could not be looked up"};
    DnsVerdict verdict;
    add_exchange_notes(item, exchanges, verdict.notes);
    return verdict;
}

} // namespace mailctl
