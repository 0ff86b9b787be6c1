// SPDX-License-Identifier: Apache-2.0
// DMARC by RFC 9989: how a name without a record of its own finds the policy that holds for it, and which names belong
// together: by a walk up the tree of names, not by a list of public suffixes.
#pragma once

#include "mailctl/exchange/dns/answers.hpp"

namespace mailctl {

struct DmarcRecordAt {
    std::string name; // without "_dmarc."
    std::string text;
};
struct DmarcWalk {
    std::vector<DmarcRecordAt> records; // from the name itself upwards
    std::string organization;           // the name that it belongs to
    bool complete = true;               // false: some name could not be asked
};
[[nodiscard]] DmarcWalk walk_dmarc(DnsBook& book, const std::string& name);

} // namespace mailctl
