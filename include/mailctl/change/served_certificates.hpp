// SPDX-License-Identifier: Apache-2.0
// The certificates that Postfix and Dovecot serve. Both read them when they start or are told to, so that a renewed one
// counts from the next reload on. lib/maps/.certificates says which they were last told of, by digest: those in the
// maps and those that their own configurations name. It is written when a reload is done: one that was killed or failed
// is due again.
#pragma once

#include "mailctl/change/maps/files.hpp"

namespace mailctl {

struct CertificateChanges {
    std::map<std::string, std::string> served; // digests by path; of the maps too that name certificates
    std::vector<std::string> renewed;          // certificates: new, or others than the servers were told of
    bool any = false;                          // also one that went, and another certificate for a name
};
[[nodiscard]] Result<CertificateChanges> find_certificate_changes(const SiteView& view, const WantedMaps& wanted);
// The servers were told of them.
[[nodiscard]] Status remember_certificates(const Paths& paths, const CertificateChanges& changes);

} // namespace mailctl
