// SPDX-License-Identifier: Apache-2.0
// `mailctl dns check` and `dns list`: what the DNS says, and what it said last.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <optional>
#include <span>

namespace mailctl {

struct DnsCheckOptions {
    std::vector<std::string> servers;        // "IP:PORT": these are asked, and no others
    std::chrono::milliseconds timeout{8000}; // of one question; a domain has four times that
    std::optional<std::string> answers;      // the text of such a file, in place of the net
    std::string answers_name = {};           // for messages
    std::optional<std::string> save_file;    // receives all answers
    bool changes_only = false;               // against the last round
    std::vector<std::string> next_keys = {}; // files with keys that the host will have
    bool connect = false;                    // also talk to port 25 of the MX, and fetch the MTA-STS policy
};

// Rows of the domains, and of the hosts where no domain is named. Status 5: a required record is wrong; 75: one could
// not be looked up, and none is wrong. What was seen is remembered.
[[nodiscard]] Result<Report> check_dns(const World& world, std::span<const DomainName> domains,
                                       const DnsCheckOptions& options);
// The last round of each, without asking anybody.
[[nodiscard]] Result<Report> list_dns(const World& world, std::span<const DomainName> domains);

} // namespace mailctl
