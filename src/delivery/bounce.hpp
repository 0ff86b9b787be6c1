// SPDX-License-Identifier: Apache-2.0
// The notice to a sender that some of the addresses his mail was forwarded to refused it, when the mail was accepted
// for others and can therefore not be refused as a whole: multipart/report (RFC 3464, RFC 6533), from the null sender.
// The caller never sends one to the null sender.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// Names the recipient the sender wrote to, not where we forward: that, and what the next hop says about it, is the
// business of the account's owner.
struct FailedRecipient {
    Address recipient;
    int code = 550;       // of the next hop
    std::string enhanced; // "" when it gave none
};
struct BounceNotice {
    DomainName host;
    std::string id; // of the transaction: makes Message-ID and boundary
    Address to;     // the envelope sender
    Instant when;
    std::vector<FailedRecipient> failed;
    std::string_view header; // of the message; what the report returns
};
// The whole message, in LF form, lines below 998 bytes.
[[nodiscard]] std::string compose_bounce(const BounceNotice& notice);

} // namespace mailctl
