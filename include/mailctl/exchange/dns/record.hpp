// SPDX-License-Identifier: Apache-2.0
// Records of the DNS as values: names in lower case without the last dot, values as a zone writes them but with the
// strings of a TXT record joined and unquoted. What a zone file reads is made from them here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct DnsRecord {
    std::string name, type, value; // "example.org", "MX", "10 mx1.example.net."
    bool operator==(const DnsRecord&) const = default;
};

// The value as a zone has it: a TXT value in strings of at most 255 bytes (RFC 1035 3.3), quoted and escaped.
[[nodiscard]] std::string zone_value(const DnsRecord& record);
// "example.org. 3600 IN MX 10 mx1.example.net.", without a line feed.
[[nodiscard]] std::string zone_line(const DnsRecord& record, unsigned ttl);
// "1.2.0.192.in-addr.arpa", or the same below ip6.arpa (RFC 1035 3.5, RFC 3596 2.5); "" where it is no IP address.
[[nodiscard]] std::string reverse_name(std::string_view address);
// The reversed labels alone, as block lists want them before their zone (RFC 5782 2.1).
[[nodiscard]] std::string reversed_labels(std::string_view address);
// The shortest form of an IP address, so that equal addresses are equal texts; "" where it is none.
[[nodiscard]] std::string canonical_address(std::string_view address);
[[nodiscard]] bool is_ipv6(std::string_view address);
// The name is `zone` or lies below it.
[[nodiscard]] bool lies_below(std::string_view name, std::string_view zone);
// The name without its first label; "" above a single label.
[[nodiscard]] std::string_view parent_name(std::string_view name);

} // namespace mailctl
