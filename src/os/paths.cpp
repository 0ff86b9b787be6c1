// SPDX-License-Identifier: Apache-2.0
// The table of specification 2, once for the system and once for a site below one directory.
#include "mailctl/os/paths.hpp"

namespace mailctl {

namespace {

Paths paths_in(const std::string& etc, const std::string& lib, const std::string& mail, const std::string& run) {
    Paths paths;
    paths.site_file = etc + "/mailctl.toml";
    paths.domains = etc + "/domains";
    paths.attachments = etc + "/attachments";
    paths.srs_secret = etc + "/srs.secret";
    paths.lib = lib;
    paths.directory = lib + "/directory";
    paths.state = lib + "/state.db";
    paths.track = lib + "/track.db";
    paths.history = lib + "/history";
    paths.maps = lib + "/maps";
    paths.lock = lib + "/lock";
    paths.mail = mail;
    paths.archive = mail + "/.archive";
    paths.run = run;
    paths.lmtp_socket = run + "/lmtp.sock";
    paths.policy_socket = run + "/policy.sock";
    paths.status_socket = run + "/status.sock";
    return paths;
}

} // namespace

Paths system_paths() { return paths_in("/etc/mailctl", "/var/lib/mailctl", "/var/vmail", "/run/mailctl"); }

Paths paths_below(std::string root) {
    while (root.size() > 1 && root.ends_with('/'))
        root.pop_back();
    const std::string base = root == "/" ? "" : root;
    Paths paths = paths_in(base + "/etc", base + "/lib", base + "/mail", base + "/run");
    paths.journal = paths.lib + "/delivery.log";
    paths.root = std::move(root);
    return paths;
}

std::string Paths::domain_file(const DomainName& domain) const { return domains + "/" + domain.text() + ".toml"; }

} // namespace mailctl
