// SPDX-License-Identifier: Apache-2.0
// A domain file's text to its model (specification 3). Strict: an unknown key, a wrong type, a name outside the site's
// character set, a name used twice, `store = false` without a forward: each is a Diagnostic, all of a file at once.
// Checks that need other files (dangling targets, domain aliases used twice, loops) are admin's.
#pragma once

#include "mailctl/config/domain_text.hpp"
#include "mailctl/config/toml/diagnostic.hpp"
#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"

#include <string_view>
#include <vector>

namespace mailctl {

struct ParsedDomain {
    Domain domain;
    // Keys this version reads and keeps but does not act on yet ("robot.feedback", "mailbox.paul.autoreply"), with
    // places.
    std::vector<Diagnostic> not_acted_on;
};

// `file` is only used in messages. An Error is always kind invalid and lists every diagnostic.
[[nodiscard]] Result<ParsedDomain> parse_domain(std::string_view text, std::string_view file, const DomainName& name,
                                                const Site::Addresses& rules);
// The same, as diagnostics, for callers that print them in JSON. Empty = good.
[[nodiscard]] std::vector<Diagnostic> check_domain(std::string_view text, std::string_view file, const DomainName& name,
                                                   const Site::Addresses& rules);
} // namespace mailctl
