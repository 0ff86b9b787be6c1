// SPDX-License-Identifier: Apache-2.0
// What may stand in a configuration file where a name, a target, a host or a password hash is expected. Each check
// answers with a sentence about what is wrong and a remedy, or nothing.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

struct Objection {
    std::string message, remedy;
};

// A local part of ours: lower-case letters, digits and the site's further characters, no dot at an end or beside
// another (it would need quotes in every command, and '..' is a directory), no '#' at the front (its rows would be
// comments to Postfix and Dovecot), at most 64 bytes (RFC 5321 4.5.3.1.1).
[[nodiscard]] std::optional<Objection> object_to_name(std::string_view name, const Site::Addresses& rules);
// A banished name: any local part in lower case, because others choose it; with * or ? it is a pattern.
[[nodiscard]] std::optional<Objection> object_to_banished(std::string_view name);
// "{SCHEME}hash" as Dovecot reads it. Schemes that store the password itself are refused.
[[nodiscard]] std::optional<Objection> object_to_password(std::string_view password);
// A plain file name: attachments lie in one directory, and nothing else may be reached from it.
[[nodiscard]] std::optional<Objection> object_to_file_name(std::string_view name);

// A bare local part is of `own` (it may carry a +detail); else a full address. Refused: address literals, and the "."
// domain of a null MX (RFC 7505), which takes no mail.
struct Target {
    std::optional<Address> address;
    Objection objection; // when there is no address
};
[[nodiscard]] Target parse_target(std::string_view text, const DomainName& own, const Site::Addresses& rules);

// A machine that holds mail: letters, digits, '-', '.', '_', at most 64 bytes. "copy" is a key of the table of nodes.
[[nodiscard]] std::optional<Objection> object_to_node_name(std::string_view name);

// Where others send reports (RFC 7489 6.2, RFC 8460 3): "mailto:" and an address, or an "https://" address of the web.
[[nodiscard]] std::optional<Objection> object_to_report_uri(std::string_view uri);

[[nodiscard]] bool is_ip_address(std::string_view text); // IPv4 or IPv6, without brackets
struct HostPort {
    std::string host; // IPv6 without brackets
    unsigned short port = 0;
};
// "mx.example.com:25", "192.0.2.1:25", "[2001:db8::1]:25".
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);
// "192.0.2.1", "300.1": by its letters a name, but the last label of a host's name is no number (RFC 1123 2.1).
[[nodiscard]] bool is_number(const DomainName& name);

} // namespace mailctl
