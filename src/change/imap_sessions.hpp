// SPDX-License-Identifier: Apache-2.0
// Logins that a change takes away: Dovecot keeps sessions open and remembers passwords until it is told.
#pragma once

#include "mailctl/os/paths.hpp"
#include "mailctl/site/compiled.hpp"

#include <string>
#include <vector>

namespace mailctl {

// Users of Dovecot as doveadm-kick(1) names them: "paul@example.com", or "*@example.com" for all of a domain.
// Those whose password is another, who may log in no more, or who are gone under that name.
[[nodiscard]] std::vector<std::string> ended_logins(const KnownDomains& models, Date today);
// Has the Dovecot of this site forget them, where it runs; lines that say whether that worked. Below --root it is the
// one of maps.dovecot_config, if that is set.
[[nodiscard]] std::vector<std::string> end_imap_sessions(const Paths& paths, const Site& site,
                                                         const std::vector<std::string>& users);

} // namespace mailctl
