// SPDX-License-Identifier: Apache-2.0
// References that follow an address to its new name: targets of forwards, copies, robots and redirects, members and
// owners of lists, recovery addresses, the site's postmaster. A detail stays ("paul+x" becomes "saul+x").
#pragma once

#include "mailctl/change/model_plan.hpp"

namespace mailctl {

// Changes every domain that refers to one of the names, which are all names of `home`, and the site's postmaster. What
// the mailbox `except` of `home` says of others is left to the caller. denied: the role may not, outside its domains.
[[nodiscard]] Status rewrite_references(ModelPlan& plan, const Domain& home, const std::string& except,
                                        std::span<const NewName> names);

// The same where the domain itself is called `name` from now on: every address under its old name, and the domains that
// try their unknown names in it.
[[nodiscard]] Status rewrite_domain_name(ModelPlan& plan, const Domain& home, const DomainName& name);

} // namespace mailctl
