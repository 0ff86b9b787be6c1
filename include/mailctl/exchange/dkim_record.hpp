// SPDX-License-Identifier: Apache-2.0
// The TXT record of a DKIM key (RFC 6376 3.6.1, RFC 8463), made and read back. Records are compared by what they mean:
// p= and k=, and never as text, because strings are cut, tags come in any order and blanks stand anywhere.
#pragma once

#include "mailctl/model/dkim.hpp"

namespace mailctl {

// "202608r._domainkey", below the domain.
[[nodiscard]] std::string dkim_label(std::string_view selector);
// "v=DKIM1; k=rsa; p=MIIB..."; of a revoked selector with nothing behind p=. "" of one that is gone: it has none.
[[nodiscard]] std::string dkim_record_text(const DkimSelector& selector);

struct DkimRecord {
    std::string algorithm = "rsa"; // k=
    std::string public_key;        // p= without blanks; "" = revoked
    bool is_test = false;          // t=y: others treat the mail as if it were not signed
    bool signs_mail = true;        // s= allows "email"
    bool takes_sha256 = true;      // h= allows it; nothing else is signed with
};
// nullopt: the text is no DKIM record.
[[nodiscard]] std::optional<DkimRecord> parse_dkim_record(std::string_view text);
// Whether mail signed with the key of one is verified by the other.
[[nodiscard]] bool is_same_key(const DkimRecord& found, const DkimRecord& wanted);

} // namespace mailctl
