// SPDX-License-Identifier: Apache-2.0
// What is wrong or doubtful in a domain that only shows beside the rest of the site: names claimed twice, targets that
// do not exist, loops, an unreachable postmaster. What one file shows by itself is config's to say. An error refuses
// the change: mail would bounce or go to the wrong domain. A warning is shown: mail waits, or a later change elsewhere
// may put it right; refusing would block this domain for another one's mistake.
#pragma once

#include "mailctl/routing/changed_site.hpp"
#include "mailctl/routing/resolve.hpp"

namespace mailctl {

enum class Severity { error, warning };

struct Finding {
    Severity severity = Severity::error;
    DomainName domain;
    std::string key;     // "forward.info.to"; "" = the domain as a whole
    std::string message; // lower case, names the thing in single quotes
    std::string remedy;
    bool operator==(const Finding&) const = default;
};

// Findings of one domain, in the order of its file: the domain, mailboxes, forwards. An Error is the Lookup's.
[[nodiscard]] Result<std::vector<Finding>> validate(const Site& site, const ChangedSite& lookup, const Domain& domain,
                                                    Date today);

// "example.com: forward.info.to: 'x@example.com' does not exist"
[[nodiscard]] std::string format_finding(const Finding& finding);

} // namespace mailctl
