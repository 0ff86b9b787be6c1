// SPDX-License-Identifier: Apache-2.0
// Postfix and Dovecot read certificates when they start or are told to: so they are told. And which Postfix reads.
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
// Files with the certificates and keys that the site's Postfix serves to whoever asks for no name; empty: none, or it
// cannot be asked.
[[nodiscard]] std::vector<std::string> postfix_certificates(const Paths& paths, const Site& site);

} // namespace mailctl
