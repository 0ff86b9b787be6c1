// SPDX-License-Identifier: Apache-2.0
// Private keys that mail is signed with: made and read by OpenSSL. What this returns is secret: it goes to a file of
// mode 0600 and nowhere else.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/dkim.hpp"

#include <string>
#include <string_view>

namespace mailctl {

struct SigningKey {
    DkimAlgorithm algorithm = DkimAlgorithm::rsa;
    unsigned bits = 0;      // of an RSA modulus; 256 of Ed25519
    std::string pem;        // PKCS#8, not encrypted
    std::string seed;       // Ed25519 only: its 32 bytes in base64, as rspamd reads it
    std::string public_key; // base64, as in p=: SubjectPublicKeyInfo of RSA (RFC 6376 3.6.1), 32 bytes of Ed25519
                            // (RFC 8463 4)
};

// RSA of 2048 bits, or Ed25519. failed: OpenSSL could not.
[[nodiscard]] Result<SigningKey> make_signing_key(DkimAlgorithm algorithm);
// PEM, in PKCS#8 or a form of its own (PKCS#1). invalid: no private key, an encrypted one, or of another algorithm.
// The message never quotes it.
[[nodiscard]] Result<SigningKey> read_signing_key(std::string_view pem);

} // namespace mailctl
