// SPDX-License-Identifier: Apache-2.0
// TLS certificates and keys in PEM files, looked at before they go where Postfix and Dovecot read them: one that they
// cannot use costs all domains their TLS, and a wrong key shows only when the first client comes.
#pragma once

#include "mailctl/base/units.hpp"

#include <optional>
#include <string>

namespace mailctl {

struct CertificateTrouble {
    std::string what; // "'/tls/a.pem' holds no certificate"
    bool is_usable;   // it does no harm where it is read: expired, or not valid yet
};
// What is wrong with the first certificate of one file and the private key in the other; nullopt: nothing. Both must be
// readable by this process, the key without a passphrase and the certificate's own.
[[nodiscard]] std::optional<CertificateTrouble> find_certificate_trouble(const std::string& certificate,
                                                                         const std::string& key, Instant now);

} // namespace mailctl
