// SPDX-License-Identifier: Apache-2.0
// Texts of records, and names made from addresses.
#include "mailctl/exchange/dns/record.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace mailctl {
namespace {

constexpr std::size_t longest_string = 255;

// RFC 1035 5.1: what is not printable is written as \DDD.
std::string quoted_string(std::string_view bytes) {
    std::string text = "\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            text += fmt::format("\\{}", c);
        else if (byte < 0x20 || byte >= 0x7f)
            text += fmt::format("\\{:03}", byte);
        else
            text += c;
    }
    return text + '"';
}

struct IpBytes {
    std::array<unsigned char, 16> bytes{};
    std::size_t length = 0; // 0: no address
};

IpBytes bytes_of(std::string_view address) {
    IpBytes ip;
    const std::string text(address);
    if (::inet_pton(AF_INET, text.c_str(), ip.bytes.data()) == 1)
        ip.length = 4;
    else if (::inet_pton(AF_INET6, text.c_str(), ip.bytes.data()) == 1)
        ip.length = 16;
    return ip;
}

} // namespace

std::string zone_value(const DnsRecord& record) {
    if (record.type != "TXT") return record.value;
    if (record.value.empty()) return "\"\"";
    std::string text;
    for (std::string_view rest = record.value; !rest.empty(); rest.remove_prefix(std::min(longest_string, rest.size())))
        text += (text.empty() ? "" : " ") + quoted_string(rest.substr(0, longest_string));
    return text;
}

std::string zone_line(const DnsRecord& record, unsigned ttl) {
    return fmt::format("{}. {} IN {} {}", record.name, ttl, record.type, zone_value(record));
}

std::string reversed_labels(std::string_view address) {
    const auto ip = bytes_of(address);
    std::string name;
    for (std::size_t i = ip.length; i-- > 0;) {
        const unsigned byte = ip.bytes[i];
        if (ip.length == 4)
            name += fmt::format("{}{}", name.empty() ? "" : ".", byte);
        else
            name += fmt::format("{}{:x}.{:x}", name.empty() ? "" : ".", byte & 0xf, byte >> 4);
    }
    return name;
}

std::string reverse_name(std::string_view address) {
    const auto labels = reversed_labels(address);
    if (labels.empty()) return {};
    return labels + (is_ipv6(address) ? ".ip6.arpa" : ".in-addr.arpa");
}

std::string canonical_address(std::string_view address) {
    const auto ip = bytes_of(address);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (ip.length == 0) return {};
    ::inet_ntop(ip.length == 4 ? AF_INET : AF_INET6, ip.bytes.data(), text.data(), text.size());
    return text.data();
}

bool is_ipv6(std::string_view address) { return address.find(':') != address.npos; }

bool lies_below(std::string_view name, std::string_view zone) {
    if (name == zone) return true;
    return name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
}

std::string_view parent_name(std::string_view name) {
    const auto dot = name.find('.');
    return dot == name.npos ? std::string_view{} : name.substr(dot + 1);
}

} // namespace mailctl
