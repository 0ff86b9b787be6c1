// SPDX-License-Identifier: Apache-2.0
#include "proxy_addresses.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

bool is_letter_or_number(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Whether "kind:" stands there: a plus sign before it divides, any other is part of an address.
bool begins_kind(std::string_view text) {
    const auto end = std::ranges::find_if_not(text, is_letter_or_number);
    return end != text.begin() && end != text.end() && *end == ':';
}

std::vector<std::string_view> elements_of(std::string_view cell) {
    std::vector<std::string_view> elements;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= cell.size(); ++at) {
        const bool divides = at == cell.size() || std::string_view(";, \t").contains(cell[at]) ||
                             (cell[at] == '+' && begins_kind(cell.substr(at + 1)));
        if (!divides) continue;
        if (at > begin) elements.push_back(cell.substr(begin, at - begin));
        begin = at + 1;
    }
    return elements;
}

std::string_view domain_part(std::string_view address) { return address.substr(address.rfind('@') + 1); }
std::string_view local_part(std::string_view address) { return address.substr(0, address.rfind('@')); }

void add_alias(std::string_view address, std::string_view mailbox, ProxyAddresses& read) {
    if (equal_folded(address, mailbox)) return;
    if (!equal_folded(domain_part(address), domain_part(mailbox)))
        read.left_out.push_back(fmt::format("'{}' of '{}' is left out: it is in another domain: mailctl forward create",
                                            printable(address), printable(mailbox)));
    else if (auto local = fold(local_part(address)); std::ranges::find(read.aliases, local) == read.aliases.end())
        read.aliases.push_back(std::move(local));
}

} // namespace

ProxyAddresses read_proxy_addresses(std::string_view login, std::string_view cell) {
    ProxyAddresses read;
    std::vector<std::string_view> addresses;
    std::string_view first;
    for (const auto element : elements_of(cell)) {
        const auto kind = element.substr(0, element.find(':'));
        const auto rest = element.substr(std::min(kind.size() + 1, element.size()));
        if (!equal_folded(kind, "smtp") || !rest.contains('@')) {
            read.left_out.push_back(fmt::format("'{}' is no mail address and left out", printable(element)));
            continue;
        }
        if (kind == "SMTP") first = rest;
        addresses.push_back(rest);
    }
    auto mailbox = login;
    if (!first.empty() && !equal_folded(domain_part(first), domain_part(login))) {
        read.address = first;
        mailbox = first;
        read.left_out.push_back(
            fmt::format("the login '{}' is left out: the mailbox is '{}'", printable(login), printable(first)));
    }
    for (const auto address : addresses)
        add_alias(address, mailbox, read);
    return read;
}

} // namespace mailctl
