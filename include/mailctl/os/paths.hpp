// SPDX-License-Identifier: Apache-2.0
// Where things live (specification 2): system paths, or everything below --root DIR.
#pragma once

#include "mailctl/model/domain_name.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string>

namespace mailctl {

struct Paths {
    std::string root;                                              // "" = system paths
    std::string site_file, domains, attachments, srs_secret;       // etc
    std::string lib, directory, state, track, history, maps, lock; // lib
    std::string mail, archive;                                     // mail; `mail.path` of the site may move it
    std::string run, lmtp_socket, policy_socket, status_socket;
    std::string journal; // default journal file; "" = syslog

    [[nodiscard]] std::string domain_file(const DomainName& domain) const;
};
[[nodiscard]] Paths system_paths();
[[nodiscard]] Paths paths_below(std::string root);

} // namespace mailctl
