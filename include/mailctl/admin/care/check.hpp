// SPDX-License-Identifier: Apache-2.0
// `mailctl check`: everything that is wrong or doubtful, over domains, files, maps, Maildirs, Postfix, Dovecot, the
// DNS as it was last seen, certificates, the agent and the host.
#pragma once

#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct CheckRequest {
    std::vector<DomainName> domains; // none: all
    std::vector<std::string> only;   // areas and ids; none: all
    bool fix = false;                // mend what is safe to mend, and look again
    std::string version;             // of this program
    ChangeOptions options;
};
// A row for each finding: id, severity ("error", "warning", "advice"), place, what, remedy, fixable. Exit status found
// (5) where one is more than advice. usage: no such area or check.
[[nodiscard]] Result<Report> check_site(const World& world, const CheckRequest& request);

struct CheckAbout { // a row of the table, for the manual and for completion
    std::string_view id, area, severity, says;
    int number; // in the catalogue; 0 = none
    bool is_fixable;
};
[[nodiscard]] std::vector<CheckAbout> list_checks();

} // namespace mailctl
