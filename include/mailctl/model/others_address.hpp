// SPDX-License-Identifier: Apache-2.0
// Other people's addresses: opaque text with safe characters. Strict about our own names (DomainName::parse), liberal
// about other people's: what an MTA took as a sender, or delivers to, is not ours to refuse. Only what could become a
// line, a word of a shell or a path is kept out. What comes out is an Address like any other: its text is proper
// RFC 5321 wherever the text that went in could be, and equal addresses are equal however they were written.
#pragma once

#include "mailctl/model/address.hpp"

#include <string_view>

namespace mailctl {

// Where mail can be sent. Beside the names that DomainName::parse takes: '_' and hyphens anywhere (DNS knows lengths
// only, RFC 2181 11), A-labels that IDNA2008 does not know, U-labels with symbols (kept as A-labels), and address
// literals. invalid: empty label, label over 63, name over 253 bytes, another ASCII byte.
[[nodiscard]] Result<DomainName> parse_others_domain(std::string_view text);

// The same, and what is no domain by any rule ("[]", "b..c"), folded. Absent: it could not stand in a command, a header
// field, a path or a rewritten sender.
[[nodiscard]] std::optional<DomainName> keep_domain(std::string_view text);
// What an MTA handed over as a sender or recipient, quoted as in SMTP or not, as pipe(8) passes it without flag q. What
// is no address by the grammar ("a b@c.example", "#@[]", "a@b..c") is kept as it stands, the last '@' dividing; what
// has no domain gets that of `host`, as MTAs do it. invalid: control bytes, invalid UTF-8, over 2048 bytes, nothing.
[[nodiscard]] Result<Address> keep_address(std::string_view text, const DomainName& host);

} // namespace mailctl
