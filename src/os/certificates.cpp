// SPDX-License-Identifier: Apache-2.0
// OpenSSL reads what Postfix and Dovecot will read with it.
#include "mailctl/os/certificates.hpp"

#include "mailctl/os/files.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>

namespace mailctl {
namespace {

template <auto Free>
struct FreeWith {
    void operator()(auto* object) const { Free(object); }
};
using Bytes = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

Bytes bytes_of(const std::string& text) { return Bytes(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// A key with a passphrase is none that a server starts with: nobody is asked for it.
int know_no_passphrase(char*, int, int, void*) { return -1; }

CertificateTrouble unusable(std::string what) { return {std::move(what), false}; }

// Dates of a certificate that say something about today.
std::optional<CertificateTrouble> find_date_trouble(const std::string& path, const X509* certificate, Instant now) {
    std::time_t moment = std::chrono::system_clock::to_time_t(now);
    if (X509_cmp_time(X509_get0_notAfter(certificate), &moment) < 0)
        return CertificateTrouble{fmt::format("the certificate '{}' has expired", path), true};
    if (X509_cmp_time(X509_get0_notBefore(certificate), &moment) > 0)
        return CertificateTrouble{fmt::format("the certificate '{}' is not valid yet", path), true};
    return std::nullopt;
}

std::optional<CertificateTrouble> find_trouble_in(const std::string& certificate, const std::string& key,
                                                  const std::string& chain_text, const std::string& key_text,
                                                  Instant now) {
    const Bytes chain = bytes_of(chain_text);
    const Certificate first(PEM_read_bio_X509(chain.get(), nullptr, know_no_passphrase, nullptr));
    if (!first) return unusable(fmt::format("'{}' holds no certificate", certificate));
    const Bytes key_bytes = bytes_of(key_text);
    const PrivateKey own(PEM_read_bio_PrivateKey(key_bytes.get(), nullptr, know_no_passphrase, nullptr));
    if (!own) return unusable(fmt::format("'{}' holds no private key that can be read without a passphrase", key));
    if (X509_check_private_key(first.get(), own.get()) != 1)
        return unusable(fmt::format("the key '{}' does not belong to the certificate '{}'", key, certificate));
    return find_date_trouble(certificate, first.get(), now);
}

} // namespace

std::optional<CertificateTrouble> find_certificate_trouble(const std::string& certificate, const std::string& key,
                                                           Instant now) {
    for (const auto& path : {certificate, key})
        if (!is_readable(path)) return unusable(fmt::format("cannot read '{}'", path));
    const auto chain_text = load_file(certificate);
    if (!chain_text) return unusable(chain_text.error().what);
    const auto key_text = load_file(key);
    if (!key_text) return unusable(key_text.error().what);
    auto trouble = find_trouble_in(certificate, key, *chain_text, *key_text, now);
    ERR_clear_error();
    return trouble;
}

} // namespace mailctl
