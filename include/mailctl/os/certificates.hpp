// SPDX-License-Identifier: Apache-2.0
// TLS certificates and keys in PEM files, looked at before they go where Postfix and Dovecot read them: one that they
// cannot use costs all domains their TLS, and a wrong key shows only when the first client comes.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/base/units.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

enum class CertificateFault {
    unusable, // no certificate, no key, or not a pair: a server that reads it has no TLS
    not_valid_yet,
    expired,
    expires_soon, // in a week, or in the last third of a shorter life
    wrong_order,  // of what follows the first certificate: each must be its predecessor's issuer
    incomplete,   // the first one says where its issuer's certificate is, and no other follows it
    other_names,  // a name that clients use is not among its names
    open_key,     // others may read the key, or change it or the certificate
};

struct CertificateTrouble {
    CertificateFault fault;
    std::string what; // "'/tls/a.pem' holds no certificate"
    std::string remedy;
    bool is_usable;          // it does no harm to others where it is read
    bool is_refused = false; // by clients: expired, or not valid yet
};

struct CertificateFiles {
    std::string certificate, key; // PEM; may be the same file
};

// All that is wrong with the first certificate of one file, those that follow it, and the private key in the other,
// which must be readable by this process and without a passphrase. `names` are those under which clients come, as
// A-labels: each must be among the subject alternative names, where a wildcard stands for one label.
[[nodiscard]] std::vector<CertificateTrouble>
find_certificate_troubles(const CertificateFiles& files, std::span<const std::string> names, Instant now);
// The first of them that is not usable, or that clients refuse; nullopt: there is none.
[[nodiscard]] std::optional<CertificateTrouble> find_certificate_trouble(const std::string& certificate,
                                                                         const std::string& key, Instant now);

// The SHA-256 (64 hex digits) of the public key as it stands in a certificate, SubjectPublicKeyInfo in DER: of the
// first certificate in a PEM file, else of the private key in it. invalid: there is neither.
[[nodiscard]] Result<std::string> public_key_digest(const std::string& path);
[[nodiscard]] std::string public_key_digest_in(const std::string& pem); // the same of a text; "" = there is neither

} // namespace mailctl
