// SPDX-License-Identifier: Apache-2.0
// Candidates of nodes. What is held lies on the node that decides about its domain's unknown names, and stays there;
// what is known of it is in the database, so that the administration host can list, promote and banish.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/candidates.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

// All that this node holds, in place of what it reported before. `known`: what it reported last, so that nothing is
// sent where nothing changed; "" = not known.
[[nodiscard]] Status report_candidates(const SiteView& view, const std::string& node, std::string& known);

// What nodes reported last of those of the domains that live on them, by domain. One question, however many domains;
// none where no database is set or none lives on a node. temporary: the database cannot be reached.
using CandidatesByDomain = std::map<DomainName, std::vector<CandidateRecord>>;
[[nodiscard]] Result<CandidatesByDomain> candidates_on_nodes(const SiteView& view,
                                                             std::span<const Domain* const> domains);

} // namespace mailctl
