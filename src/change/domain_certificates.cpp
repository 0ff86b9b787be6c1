// SPDX-License-Identifier: Apache-2.0
#include "mailctl/change/domain_certificates.hpp"

#include "mailctl/exchange/certificate_names.hpp"

#include <fmt/format.h>

namespace mailctl {

std::vector<CertificateTrouble> find_tls_troubles(const Site& site, const Domain& domain, Instant now) {
    if (!domain.tls) return {};
    return find_certificate_troubles({domain.tls->certificate, domain.tls->key}, certificate_names(site, domain), now);
}

TlsNotes leave_out_unusable(Domain& domain, const Site& site, Instant now) {
    TlsNotes notes;
    for (const auto& trouble : find_tls_troubles(site, domain, now)) {
        auto text = fmt::format("warning: {}: {}", domain.name.display(), trouble.what);
        if (!trouble.is_usable) {
            domain.tls.reset();
            text += ": the domain has no TLS certificate of its own in the maps until 'mailctl map build' finds a good "
                    "one";
        }
        const bool is_urgent = !trouble.is_usable || trouble.is_refused;
        (is_urgent ? notes.urgent : notes.others).push_back(std::move(text));
    }
    return notes;
}

} // namespace mailctl
