// SPDX-License-Identifier: Apache-2.0
// The only file that includes OpenSSL. Its objects are owned by unique_ptr; memory with secrets in it is wiped by
// OpenSSL when they go.
#include "mailctl/os/signing_keys.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace mailctl {
namespace {

constexpr unsigned rsa_bits = 2048;
constexpr std::size_t ed25519_length = 32;

template <auto release>
struct Release {
    template <class Object>
    void operator()(Object* object) const {
        release(object);
    }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using BioHandle = std::unique_ptr<BIO, Release<BIO_free_all>>;

// What OpenSSL says went wrong; its queue is empty afterwards.
std::string openssl_reason() {
    std::array<char, 256> text{};
    ::ERR_error_string_n(::ERR_get_error(), text.data(), text.size());
    ::ERR_clear_error();
    return text.data();
}

detail::Unexpected openssl_failure(std::string_view activity) {
    return fail(ErrorKind::failed, fmt::format("OpenSSL cannot {}: {}", activity, openssl_reason()));
}

std::string base64(std::span<const unsigned char> bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    // Characters are handed over as the bytes they are.
    const int length =
        ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Result<std::string> pkcs8_of(EVP_PKEY* key) {
    const BioHandle bio(::BIO_new(::BIO_s_secmem()));
    if (!bio || ::PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return openssl_failure("write a private key");
    char* data = nullptr;
    const auto length = ::BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(length));
}

Result<std::string> rsa_public_key(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int length = ::i2d_PUBKEY(key, &der);
    if (length <= 0) return openssl_failure("write a public key");
    const std::unique_ptr<unsigned char, Release<[](unsigned char* memory) { OPENSSL_free(memory); }>> owned(der);
    return base64({der, static_cast<std::size_t>(length)});
}

using RawKey = std::array<unsigned char, ed25519_length>;

Status add_ed25519(EVP_PKEY* key, SigningKey& made) {
    RawKey raw{};
    std::size_t length = raw.size();
    if (::EVP_PKEY_get_raw_public_key(key, raw.data(), &length) != 1 || length != raw.size())
        return openssl_failure("write a public key");
    made.public_key = base64(raw);
    length = raw.size();
    if (::EVP_PKEY_get_raw_private_key(key, raw.data(), &length) != 1 || length != raw.size())
        return openssl_failure("write a private key");
    made.seed = base64(raw);
    ::OPENSSL_cleanse(raw.data(), raw.size());
    return {};
}

Result<SigningKey> describe(const KeyHandle& key) {
    SigningKey made;
    made.algorithm =
        ::EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519 ? DkimAlgorithm::ed25519 : DkimAlgorithm::rsa;
    made.bits = static_cast<unsigned>(::EVP_PKEY_get_bits(key.get()));
    TRY_ASSIGN(made.pem, pkcs8_of(key.get()));
    if (made.algorithm == DkimAlgorithm::ed25519) {
        TRY(add_ed25519(key.get(), made));
    } else {
        TRY_ASSIGN(made.public_key, rsa_public_key(key.get()));
    }
    return made;
}

// No passphrase: without this OpenSSL would ask the terminal for one.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

bool is_for_signing(EVP_PKEY* key) {
    const int kind = ::EVP_PKEY_get_base_id(key);
    return kind == EVP_PKEY_RSA || kind == EVP_PKEY_ED25519;
}

} // namespace

Result<SigningKey> make_signing_key(DkimAlgorithm algorithm) {
    const KeyHandle key(algorithm == DkimAlgorithm::rsa
                            ? ::EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{rsa_bits})
                            : ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) return openssl_failure("make a key");
    return describe(key);
}

Result<SigningKey> read_signing_key(std::string_view pem) {
    const BioHandle bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!bio) return openssl_failure("read a key");
    const KeyHandle key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ::ERR_clear_error();
    if (!key)
        return fail(ErrorKind::invalid, "not a private key in PEM without a passphrase",
                    "openssl pkey -in FILE -out NEW writes one");
    if (!is_for_signing(key.get()))
        return fail(ErrorKind::invalid, "not a key of RSA or Ed25519", "DKIM knows no others (RFC 6376, RFC 8463)");
    return describe(key);
}

} // namespace mailctl
