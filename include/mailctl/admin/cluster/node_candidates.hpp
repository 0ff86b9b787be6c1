// SPDX-License-Identifier: Apache-2.0
// Candidates of nodes. What is held lies on the node that decides about its domain's unknown names, and stays there;
// what is known of it is in the database, so that the administration host can list, promote and banish.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/candidates.hpp"

#include <string>
#include <vector>

namespace mailctl {

// All that this node holds, in place of what it reported before. `known`: what it reported last, so that nothing is
// sent where nothing changed; "" = not known.
[[nodiscard]] Status report_candidates(const SiteView& view, const std::string& node, std::string& known);

// Of a domain that lives on a node, as that reported it last; nothing where no database is set, or for any other
// domain. temporary: the database cannot be reached.
[[nodiscard]] Result<std::vector<CandidateRecord>> candidates_on_node(const SiteView& view, const Domain& domain);

} // namespace mailctl
