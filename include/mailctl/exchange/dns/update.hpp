// SPDX-License-Identifier: Apache-2.0
// From what was seen in the DNS to what should stand there: input for nsupdate(1). Strings that mailctl would write
// itself go and come; those of others stay, also where they are wrong.
#pragma once

#include "mailctl/exchange/dns/check.hpp"

#include <span>

namespace mailctl {

struct DnsUpdate {
    std::vector<DnsRecord> removed; // one without a value: all of its name and type
    std::vector<DnsRecord> added;
    std::vector<DnsRecord> foreign; // not added: somebody else's stands there, and two of the kind would both be void
    bool operator==(const DnsUpdate&) const = default;
};
// `seen`: the rows of the last round; of what is not among them nothing is known, and it is added only.
[[nodiscard]] DnsUpdate find_update(const Site& site, const DnsSubject& subject, std::span<const DnsRow> seen);
// One transaction: all records must lie in one zone. "" where there is nothing to do.
[[nodiscard]] std::string nsupdate_text(const DnsUpdate& update, unsigned ttl);

} // namespace mailctl
