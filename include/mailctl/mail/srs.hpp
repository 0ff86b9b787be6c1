// SPDX-License-Identifier: Apache-2.0
// SRS, the Sender Rewriting Scheme: a forwarded message gets a sender in our domain, so that SPF passes, and a bounce
// to that sender finds the way back. The address carries its own proof (HMAC-SHA256) and age; nothing is stored.
// SRS0=HASH=TT=domain=local@us for the first forwarder, SRS1=HASH=first.forwarder==HASH=TT=domain=local@us for later
// ones.
#pragma once

#include "mailctl/model/address.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

using DayNumber = std::int64_t; // days since 1970-01-01 UTC

struct SrsKeys {
    DomainName domain;                // where bounces come back to
    std::vector<std::string> secrets; // the first signs, all verify; none: nothing is rewritten and nothing verifies
    char separator = '=';             // '=', '+' or '-': the one after "SRS0"; the others are always '='
};

// The sender to forward with. Left as it is: the null sender (RFC 5321 4.5.5), a sender already in keys.domain, and one
// whose rewritten local part would exceed 255 bytes. Between 64 and 255 bytes the long form is kept: it is the only one
// that can be reversed without stored state, and MTAs in use accept it although RFC 5321 4.5.3.1.1 promises 64 only.
[[nodiscard]] Sender srs_rewrite(const Sender& sender, const SrsKeys& keys, DayNumber today);

enum class SrsVerdict {
    not_srs, // an ordinary address
    genuine, // address is where the bounce must go
    forged,  // malformed or not signed by us: unknown user, 5.1.1, never the catch-all
    expired, // older than 21 days or from the future
};
struct SrsReversal {
    SrsVerdict verdict = SrsVerdict::not_srs;
    std::optional<Address> address; // set when genuine
};
// Takes back what srs_rewrite made. Meant for recipients in keys.domain; the domain itself is not compared. Hashes are
// compared without regard to case: mail systems fold local parts.
[[nodiscard]] SrsReversal srs_reverse(const LocalPart& local, const SrsKeys& keys, DayNumber today);

} // namespace mailctl
