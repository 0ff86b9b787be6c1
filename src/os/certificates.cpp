// SPDX-License-Identifier: Apache-2.0
// OpenSSL reads what Postfix and Dovecot will read with it.
#include "mailctl/os/certificates.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

namespace mailctl {
namespace {

using std::chrono::floor;

template <auto Free>
struct FreeWith {
    void operator()(auto* object) const { Free(object); }
};
using Bytes = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using AlternativeNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using IssuerAccess = std::unique_ptr<AUTHORITY_INFO_ACCESS, FreeWith<AUTHORITY_INFO_ACCESS_free>>;
using Troubles = std::vector<CertificateTrouble>;

Bytes bytes_of(const std::string& text) { return Bytes(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// A key with a passphrase is none that a server starts with: nobody is asked for it.
int know_no_passphrase(char*, int, int, void*) { return -1; }

std::vector<Certificate> read_chain(const std::string& text) {
    std::vector<Certificate> chain;
    const Bytes bytes = bytes_of(text);
    while (auto* next = PEM_read_bio_X509(bytes.get(), nullptr, know_no_passphrase, nullptr))
        chain.emplace_back(next);
    return chain;
}

PrivateKey read_private_key(const std::string& text) {
    const Bytes bytes = bytes_of(text);
    return PrivateKey(PEM_read_bio_PrivateKey(bytes.get(), nullptr, know_no_passphrase, nullptr));
}

CertificateTrouble unusable(std::string what, std::string remedy) {
    return {CertificateFault::unusable, std::move(what), std::move(remedy), false};
}

std::chrono::sys_seconds moment_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::from_time_t(timegm(&parts)));
}

std::string day_of(std::chrono::sys_seconds moment) { return format_date(floor<std::chrono::days>(moment)); }

// A certificate that lives for days only is renewed when two thirds of its life are over.
std::chrono::seconds warning_time(std::chrono::seconds life) {
    return std::min<std::chrono::seconds>(std::chrono::days{7}, life / 3);
}

void add_dates(const std::string& path, const X509* certificate, Instant now, Troubles& troubles) {
    const auto begin = moment_of(X509_get0_notBefore(certificate)), end = moment_of(X509_get0_notAfter(certificate));
    if (end < now)
        troubles.push_back({CertificateFault::expired,
                            fmt::format("the certificate '{}' has expired on {}", path, day_of(end)),
                            "have your ACME client renew it, then: mailctl map build --tls", true, true});
    else if (begin > now)
        troubles.push_back({CertificateFault::not_valid_yet,
                            fmt::format("the certificate '{}' is not valid yet, but from {} on", path, day_of(begin)),
                            "is the clock of this machine right?", true, true});
    else if (end - now < warning_time(end - begin))
        troubles.push_back({CertificateFault::expires_soon,
                            fmt::format("the certificate '{}' expires on {}", path, day_of(end)),
                            "have your ACME client renew it, then: mailctl map build --tls", true});
}

bool has_issued(const Certificate& issuer, const Certificate& issued) {
    return X509_check_issued(issuer.get(), issued.get()) == X509_V_OK;
}

bool names_place_of_issuer(const X509* certificate) {
    const IssuerAccess access(
        static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr)));
    if (!access) return false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i)
        if (OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access.get(), i)->method) == NID_ad_ca_issuers) return true;
    return false;
}

void add_chain(const std::string& path, const std::vector<Certificate>& chain, Troubles& troubles) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (has_issued(chain[i], chain[i - 1])) continue;
        troubles.push_back({CertificateFault::wrong_order,
                            fmt::format("certificate {} of '{}' is not the issuer of the one before it", i + 1, path),
                            "put them in order: the server's own, then its issuer, then the issuer's issuer", true});
        return;
    }
    if (chain.size() == 1 && !has_issued(chain.front(), chain.front()) && names_place_of_issuer(chain.front().get()))
        troubles.push_back({CertificateFault::incomplete,
                            fmt::format("'{}' holds no certificate of the issuer, and clients may not know it", path),
                            "name the file with the whole chain: 'fullchain.pem' of certbot", true});
}

std::vector<std::string> names_of(const X509* certificate) {
    std::vector<std::string> names;
    const AlternativeNames all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!all) return names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto* each = sk_GENERAL_NAME_value(all.get(), i);
        if (each->type != GEN_DNS) continue;
        const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(each->d.dNSName));
        names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(each->d.dNSName)));
    }
    return names;
}

// The common name counts for no client any more (RFC 9525 2).
bool covers(X509* certificate, const std::string& name) {
    constexpr unsigned rules = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return X509_check_host(certificate, name.data(), name.size(), rules, nullptr) == 1;
}

void add_names(const std::string& path, X509* certificate, std::span<const std::string> names, Troubles& troubles) {
    constexpr std::size_t most_shown = 5;
    std::vector<std::string> lacking;
    for (const auto& name : names)
        if (!covers(certificate, name)) lacking.push_back(name);
    if (lacking.empty()) return;
    auto held = names_of(certificate);
    const bool shows_all = held.size() <= most_shown;
    held.resize(std::min(held.size(), most_shown));
    const auto text = held.empty() ? "has no names" : fmt::format("is for '{}'", join(held, "', '"));
    troubles.push_back({CertificateFault::other_names,
                        fmt::format("the certificate '{}' {}{}, and not for '{}'", path, printable(text),
                                    shows_all ? "" : " and others", join(lacking, "', '")),
                        "have it issued for these names too; a wildcard stands for one label only", true});
}

void add_modes(const CertificateFiles& files, Troubles& troubles) {
    constexpr mode_t readable = S_IROTH, changeable = S_IWOTH;
    const auto has_mode = [](const std::string& path, mode_t mode) {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 && (status.st_mode & mode) != 0;
    };
    const auto add = [&](std::string_view what, const std::string& path, std::string_view how) {
        troubles.push_back({CertificateFault::open_key, fmt::format("{} '{}' can be {} by everybody", what, path, how),
                            fmt::format("chmod o-rwx {}", path), true});
    };
    if (has_mode(files.key, readable | changeable))
        add("the private key", files.key, has_mode(files.key, changeable) ? "changed" : "read");
    if (files.certificate != files.key && has_mode(files.certificate, changeable))
        troubles.push_back({CertificateFault::open_key,
                            fmt::format("the certificate '{}' can be changed by everybody", files.certificate),
                            fmt::format("chmod o-w {}", files.certificate), true});
}

// Where the key belongs to a certificate further down, the file is in disorder rather than the wrong one.
CertificateTrouble no_pair(const CertificateFiles& files, const std::vector<Certificate>& chain, EVP_PKEY* key) {
    const bool is_further_down =
        std::ranges::any_of(chain, [&](const auto& each) { return X509_check_private_key(each.get(), key) == 1; });
    auto what = fmt::format("the key '{}' does not belong to the certificate '{}'", files.key, files.certificate);
    if (!is_further_down) return unusable(std::move(what), "name the key that the certificate was issued for");
    return unusable(what + ", but to a later one in the file", "put the server's own certificate first in the file");
}

Troubles look_at(const CertificateFiles& files, const std::string& chain_text, const std::string& key_text,
                 std::span<const std::string> names, Instant now) {
    const auto chain = read_chain(chain_text);
    if (chain.empty())
        return {unusable(fmt::format("'{}' holds no certificate", files.certificate), "name one in PEM form")};
    const auto key = read_private_key(key_text);
    if (!key)
        return {unusable(fmt::format("'{}' holds no private key that can be read without a passphrase", files.key),
                         "name one in PEM form")};
    if (X509_check_private_key(chain.front().get(), key.get()) != 1) return {no_pair(files, chain, key.get())};
    Troubles troubles;
    add_dates(files.certificate, chain.front().get(), now, troubles);
    add_chain(files.certificate, chain, troubles);
    add_names(files.certificate, chain.front().get(), names, troubles);
    add_modes(files, troubles);
    return troubles;
}

PrivateKey find_public_key(const std::string& text) {
    const auto chain = read_chain(text);
    return chain.empty() ? read_private_key(text) : PrivateKey(X509_get_pubkey(chain.front().get()));
}

std::string sha256_of_public_key(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    if (length <= 0) return {};
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned count = 0;
    const bool done =
        EVP_Digest(der, static_cast<std::size_t>(length), bytes.data(), &count, EVP_sha256(), nullptr) == 1;
    OPENSSL_free(der);
    std::string hex;
    for (std::size_t i = 0; done && i < count; ++i)
        hex += fmt::format("{:02x}", bytes[i]);
    return hex;
}

} // namespace

std::string public_key_digest_in(const std::string& pem) {
    const auto key = find_public_key(pem);
    auto digest = key ? sha256_of_public_key(key.get()) : std::string();
    ERR_clear_error();
    return digest;
}

Result<std::string> public_key_digest(const std::string& path) {
    TRY_ASSIGN(const auto text, load_file(path));
    auto digest = public_key_digest_in(text);
    if (digest.empty())
        return fail(ErrorKind::invalid, fmt::format("'{}' holds no certificate and no private key", path),
                    "name one in PEM form; a key without a passphrase");
    return digest;
}

std::vector<CertificateTrouble> find_certificate_troubles(const CertificateFiles& files,
                                                          std::span<const std::string> names, Instant now) {
    const auto unreadable = [](std::string what) {
        return Troubles{unusable(std::move(what), "it must be a file that mailctl, Postfix and Dovecot may read")};
    };
    for (const auto& path : {files.certificate, files.key})
        if (!is_readable(path)) return unreadable(fmt::format("cannot read '{}'", path));
    const auto chain_text = load_file(files.certificate);
    if (!chain_text) return unreadable(chain_text.error().what);
    const auto key_text = load_file(files.key);
    if (!key_text) return unreadable(key_text.error().what);
    auto troubles = look_at(files, *chain_text, *key_text, names, now);
    ERR_clear_error();
    return troubles;
}

std::optional<CertificateTrouble> find_certificate_trouble(const std::string& certificate, const std::string& key,
                                                           Instant now) {
    for (auto& trouble : find_certificate_troubles({certificate, key}, {}, now))
        if (!trouble.is_usable || trouble.is_refused) return std::move(trouble);
    return std::nullopt;
}

} // namespace mailctl
