// SPDX-License-Identifier: Apache-2.0
// Words of the DNS as the site file and the command line write them.
#pragma once

#include "mailctl/config/names.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

[[nodiscard]] std::string mta_sts_mode_text(MtaStsMode mode); // "testing"

// A name server as --server and dns.resolvers write it: "192.0.2.1", "192.0.2.1:5353", "2001:db8::1",
// "[2001:db8::1]:5353". Port 53 where none is written; absent: it is none of these.
[[nodiscard]] std::optional<HostPort> parse_name_server(std::string_view text);

// A CAA value (RFC 8659 4.1): FLAGS TAG "VALUE".
struct CaaValue {
    unsigned flags = 0;
    std::string tag, value; // the tag in lower case
    bool operator==(const CaaValue&) const = default;
};
[[nodiscard]] std::optional<CaaValue> parse_caa(std::string_view text);

} // namespace mailctl
