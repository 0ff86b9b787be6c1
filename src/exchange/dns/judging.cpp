// SPDX-License-Identifier: Apache-2.0
// Questions that more than one rule has.
#include "judging.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailctl {

std::string without_dot(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return std::string(name);
}

HostAddresses addresses_of_host(DnsBook& book, const std::string& host) {
    HostAddresses addresses;
    for (const char* type : {"A", "AAAA"}) {
        const auto& answer = book.ask(host, type);
        addresses.complete = addresses.complete && answer.is_known();
        if (answer.is_known())
            addresses.found.insert(addresses.found.end(), answer.values.begin(), answer.values.end());
    }
    return addresses;
}

HostAddresses own_addresses(const DnsCase& item) {
    HostAddresses own;
    for (const auto& address : item.site.dns.addresses)
        own.found.push_back(canonical_address(address));
    if (!own.found.empty()) return own;
    for (const auto& exchange : mail_exchanges(item.site)) {
        const auto host = addresses_of_host(item.book, exchange.host.text());
        own.complete = own.complete && host.complete;
        own.found.insert(own.found.end(), host.found.begin(), host.found.end());
    }
    return own;
}

bool share_one(std::span<const std::string> some, std::span<const std::string> others) {
    return std::ranges::any_of(some, [&](const auto& one) { return std::ranges::find(others, one) != others.end(); });
}

void add_report_notes(const DnsCase& item, std::span<const std::string> uris, std::vector<DnsNote>& notes) {
    constexpr std::string_view scheme = "mailto:";
    for (const auto& uri : uris) {
        if (!fold(uri).starts_with(scheme)) continue;
        const auto address = Address::parse(std::string_view(uri).substr(scheme.size()));
        const auto reached = address && item.facts.receives ? item.facts.receives(*address) : std::nullopt;
        if (reached && !*reached)
            notes.push_back({"report-address",
                             fmt::format("reports go to '{}', which reaches nobody here", address->display()),
                             DnsState::wrong});
    }
}

bool has_dkim_key(const DnsAnswer& answer) {
    return std::ranges::any_of(answer.values, [](const auto& text) { return !parse_tags(text).value("p").empty(); });
}

std::vector<FoundExchange> found_exchanges(const DnsAnswer& answer) {
    std::vector<FoundExchange> found;
    for (const auto& value : answer.values) {
        FoundExchange exchange;
        const auto blank = std::min(value.find(' '), value.size());
        std::from_chars(value.data(), value.data() + blank, exchange.preference);
        exchange.host = without_dot(std::string_view(value).substr(std::min(blank + 1, value.size())));
        found.push_back(std::move(exchange));
    }
    std::ranges::stable_sort(found, {}, &FoundExchange::preference);
    return found;
}

} // namespace mailctl
