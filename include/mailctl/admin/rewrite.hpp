// References that follow an address to its new name: targets of forwards, copies, robots and redirects, members and
// owners of lists, recovery addresses, the site's postmaster. A detail stays ("paul+x" becomes "saul+x").
#pragma once

#include "mailctl/admin/changes.hpp"

namespace mailctl {

struct NewName {
    Address from, to; // real domains, folded local parts
};
// Adds the edits of every file that refers to one of them, which are all names of `home`. What the mailbox `except` of
// `home` says of others is left to the caller.
[[nodiscard]] Status rewrite_references(const SiteView& view, const Domain& home, const std::string& except,
                                        std::span<const NewName> names, ChangePlan& plan);

} // namespace mailctl
