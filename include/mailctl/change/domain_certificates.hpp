// SPDX-License-Identifier: Apache-2.0
// Certificates of domains ([domain.tls]): what is wrong with them under the names that they are for, and what of it
// keeps them out of the maps.
#pragma once

#include "mailctl/model/domain.hpp"
#include "mailctl/model/site.hpp"
#include "mailctl/os/certificates.hpp"

namespace mailctl {

// Nothing for a domain without one.
[[nodiscard]] std::vector<CertificateTrouble> find_tls_troubles(const Site& site, const Domain& domain, Instant now);

struct TlsNotes {
    std::vector<std::string> urgent; // clients are turned away, or get another certificate
    std::vector<std::string> others;
};
// Takes away TLS files of the domain that cannot be used here, and says what is wrong with them: postmap and Dovecot
// give up on all domains where one certificate is missing or is none.
[[nodiscard]] TlsNotes leave_out_unusable(Domain& domain, const Site& site, Instant now);

} // namespace mailctl
