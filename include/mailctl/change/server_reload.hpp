// SPDX-License-Identifier: Apache-2.0
// Postfix and Dovecot read certificates when they start or are told to: so they are told.
#pragma once

#include "mailctl/model/site.hpp"
#include "mailctl/os/paths.hpp"

namespace mailctl {

struct Reloaded {
    std::vector<std::string> notes; // what was done, for people
    bool failed = false;            // one that runs was not reloaded
};
// Those of this site that run.
[[nodiscard]] Reloaded reload_mail_servers(const Paths& paths, const Site& site);

} // namespace mailctl
