// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/digest.hpp"

#include <sodium.h>

#include <array>

namespace mailctl {

std::string digest(std::string_view text) {
    static const int started = sodium_init(); // without it libsodium does not look for the quick way of this processor
    static_cast<void>(started);
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       nullptr, 0);
    std::array<char, 2 * hash.size() + 1> hex{};
    return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

std::string sha256(std::string_view text) {
    std::string hash(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return hash;
}

Result<std::string> hash_argon2id(std::string_view password) {
    if (sodium_init() < 0) return fail(ErrorKind::failed, "cannot start libsodium");
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(ErrorKind::temporary, "cannot hash the password with Argon2id: not enough memory");
    return std::string(hash.data());
}

bool verify_argon2(std::string_view password, const std::string& hash) {
    return sodium_init() >= 0 && crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

} // namespace mailctl
