// SPDX-License-Identifier: Apache-2.0
// Which accounts of a planned import the rest of the site objects to: a loop, a list with a member elsewhere. Asked
// only after such a change was refused as a whole, to tell the rows that were the reason.
#pragma once

#include "mailctl/change/changes.hpp"
#include "mailctl/routing/validate.hpp"

namespace mailctl {

// Errors that the files of the plan have and the site did not have before. An Error: a text does not parse.
[[nodiscard]] Result<std::vector<Finding>> find_new_errors(const World& world, const SiteView& view,
                                                           const ChangePlan& plan);
// "staff" of a finding about "list.staff.members"; absent: it is about the domain.
[[nodiscard]] std::optional<std::string> account_of(const Finding& finding);

} // namespace mailctl
