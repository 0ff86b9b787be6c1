// SPDX-License-Identifier: Apache-2.0
// yescrypt, bcrypt and sha512-crypt by libxcrypt, Argon2id by libsodium (os/digest).
#include "mailctl/os/password.hpp"

#include "hash_form.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"

#include <crypt.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <sys/random.h>

namespace mailctl {

namespace {

struct Scheme {
    PasswordScheme scheme;
    std::string_view name;    // as --scheme takes it
    std::string_view braces;  // as Dovecot names it
    const char* crypt_prefix; // of crypt_gensalt; nullptr: not by crypt(3)
    unsigned long cost;       // 0 = the library's default
};
constexpr std::array schemes{
    Scheme{PasswordScheme::yescrypt, "yescrypt", "{CRYPT}", "$y$", 0},
    Scheme{PasswordScheme::argon2id, "argon2id", "{ARGON2ID}", nullptr, 0},
    Scheme{PasswordScheme::bcrypt, "bcrypt", "{BLF-CRYPT}", "$2b$", 10},
    Scheme{PasswordScheme::sha512_crypt, "sha512-crypt", "{SHA512-CRYPT}", "$6$", 0},
};
constexpr std::size_t bcrypt_limit = 72; // bytes; what follows would not count

// What each scheme of Dovecot that crypt(3) verifies begins with; the others are in hash_form.
struct CryptScheme {
    std::string_view name, start;
};
constexpr std::array crypt_schemes{CryptScheme{"CRYPT", ""},           CryptScheme{"BLF-CRYPT", "$2"},
                                   CryptScheme{"SHA256-CRYPT", "$5$"}, CryptScheme{"SHA512-CRYPT", "$6$"},
                                   CryptScheme{"MD5-CRYPT", "$1$"},    CryptScheme{"DES-CRYPT", ""},
                                   CryptScheme{"MD5", "$1$"}};
constexpr std::array<std::string_view, 2> argon2_schemes{"ARGON2I", "ARGON2ID"};
constexpr std::array<std::string_view, 17> other_schemes{
    "CRAM-MD5", "DIGEST-MD5", "HMAC-MD5", "LDAP-MD5", "PBKDF2",        "PLAIN-MD4", "PLAIN-MD5", "SCRAM-SHA-1", "SHA",
    "SHA1",     "SHA256",     "SHA512",   "SMD5",     "SCRAM-SHA-256", "SSHA",      "SSHA256",   "SSHA512"};
constexpr std::array<std::string_view, 4> plain_schemes{"PLAIN", "CLEAR", "CLEARTEXT", "PLAIN-TRUNC"};

bool contains(const auto& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

struct Hash {                     // "{SCHEME}text"
    std::string scheme, encoding; // both in capitals
    std::string text;
};

Result<Hash> parse_hash(std::string_view hash) {
    const auto end = hash.find('}');
    if (!hash.starts_with('{') || end == std::string_view::npos)
        return fail(ErrorKind::invalid, "password hash without a scheme in braces",
                    "write the scheme before the hash: '{CRYPT}$y$...'");
    Hash parsed{upper(hash.substr(1, end - 1)), {}, std::string(hash.substr(end + 1))};
    for (const std::string_view encoding : {".HEX", ".B64", ".BASE64"}) {
        if (!parsed.scheme.ends_with(encoding)) continue;
        parsed.scheme.resize(parsed.scheme.size() - encoding.size());
        parsed.encoding = encoding.substr(1);
    }
    return parsed;
}

// A salt alone also passes crypt_checksalt: the last part must be long enough for a hash (22 characters are MD5's).
bool is_by_crypt(const std::string& text) {
    const int salt = ::crypt_checksalt(text.c_str());
    if (salt == CRYPT_SALT_INVALID || salt == CRYPT_SALT_METHOD_DISABLED) return false;
    if (!text.starts_with('$')) return text.size() == 13 || text.starts_with('_'); // DES, extended DES
    return text.size() - text.rfind('$') > 22;
}

const CryptScheme* find_crypt_scheme(const Hash& hash) {
    const auto* const found = std::ranges::find(crypt_schemes, hash.scheme, &CryptScheme::name);
    const bool is_md5_digest = hash.scheme == "MD5" && !hash.text.starts_with('$');
    return found == crypt_schemes.end() || is_md5_digest ? nullptr : &*found;
}

bool is_crypt_hash(const CryptScheme& scheme, const Hash& hash) {
    if (!hash.encoding.empty() || !hash.text.starts_with(scheme.start)) return false;
    if (scheme.name == "DES-CRYPT" && hash.text.starts_with('$')) return false;
    return is_by_crypt(hash.text);
}

// "$argon2id$v=19$m=65536,t=2,p=1$SALT$DIGEST"; versions before 19 have no "v=".
bool is_argon2_hash(const Hash& hash) {
    const auto parts = split(hash.text, '$');
    return hash.encoding.empty() && (parts.size() == 5 || parts.size() == 6) && parts[0].empty() &&
           equal_folded(parts[1], hash.scheme) &&
           std::ranges::none_of(parts.begin() + 1, parts.end(), [](auto part) { return part.empty(); });
}

bool is_well_formed(const Hash& hash) {
    // ':' would end the field in Dovecot's passwd-file.
    if (!std::ranges::all_of(hash.text, [](char c) { return c > ' ' && c < '\x7f' && c != ':'; })) return false;
    if (const auto* scheme = find_crypt_scheme(hash)) return is_crypt_hash(*scheme, hash);
    if (contains(argon2_schemes, hash.scheme)) return is_argon2_hash(hash);
    return is_digest(hash.scheme, hash.encoding, hash.text);
}

Result<std::string> crypt_with(std::string_view password, const std::string& setting) {
    const auto wipe = [](crypt_data* data) {
        ::explicit_bzero(data, sizeof *data);
        std::default_delete<crypt_data>()(data);
    };
    const std::unique_ptr<crypt_data, decltype(wipe)> data(new crypt_data(), wipe);
    const char* result = ::crypt_r(std::string(password).c_str(), setting.c_str(), data.get());
    if (!result || *result == '*')
        return fail(errno == ENOMEM ? ErrorKind::temporary : ErrorKind::failed,
                    "cannot hash the password with crypt(3)");
    return std::string(result);
}

Result<std::string> make_setting(const Scheme& scheme) {
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    if (!::crypt_gensalt_rn(scheme.crypt_prefix, scheme.cost, nullptr, 0, setting.data(), int{setting.size()}))
        return fail(system_error(errno, "cannot make a salt for", scheme.name));
    return std::string(setting.data());
}

Status check_password(std::string_view password, PasswordScheme scheme) {
    if (password.empty()) return fail(ErrorKind::invalid, "the password is empty");
    if (password.find('\0') != std::string_view::npos) return fail(ErrorKind::invalid, "the password holds a NUL byte");
    if (scheme == PasswordScheme::bcrypt && password.size() > bcrypt_limit)
        return fail(ErrorKind::invalid,
                    fmt::format("the password is longer than the {} bytes bcrypt looks at", bcrypt_limit),
                    "--scheme yescrypt");
    if (password.size() > CRYPT_MAX_PASSPHRASE_SIZE)
        return fail(ErrorKind::invalid, fmt::format("the password is longer than {} bytes", CRYPT_MAX_PASSPHRASE_SIZE));
    return {};
}

// In a time that does not tell how much of it was right.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ b[i]) & 0xffU;
    return difference == 0;
}

} // namespace

Result<PasswordScheme> parse_scheme(std::string_view name) {
    std::vector<std::string> names;
    for (const Scheme& scheme : schemes) {
        if (scheme.name == name) return scheme.scheme;
        names.emplace_back(scheme.name);
    }
    return fail(ErrorKind::usage, fmt::format("unknown password scheme '{}'", printable(name)),
                fmt::format("one of {}", join(names, ", ")));
}

Result<std::string> hash_password(std::string_view password, PasswordScheme wanted) {
    TRY(check_password(password, wanted));
    const Scheme& scheme = *std::ranges::find(schemes, wanted, &Scheme::scheme);
    std::string hash;
    if (scheme.crypt_prefix) {
        TRY_ASSIGN(const std::string setting, make_setting(scheme));
        TRY_ASSIGN(hash, crypt_with(password, setting));
    } else {
        TRY_ASSIGN(hash, hash_argon2id(password));
    }
    return std::string(scheme.braces) + hash;
}

Status check_hash(std::string_view hash) {
    TRY_ASSIGN(const Hash parsed, parse_hash(hash));
    const std::string shown = printable(parsed.scheme);
    if (contains(plain_schemes, parsed.scheme))
        return fail(ErrorKind::invalid, fmt::format("'{{{}}}' would keep the password itself", shown));
    const bool is_known = find_crypt_scheme(parsed) || parsed.scheme == "MD5" ||
                          contains(argon2_schemes, parsed.scheme) || contains(other_schemes, parsed.scheme);
    if (!is_known)
        return fail(ErrorKind::invalid, fmt::format("unknown password scheme '{{{}}}'", shown),
                    "'doveadm pw -l' lists them");
    if (!is_well_formed(parsed))
        return fail(
            ErrorKind::invalid, fmt::format("not a hash of the scheme '{{{}}}'", shown),
            "a hash has the length of its scheme, in base64 or hexadecimal digits: 'doveadm pw -s SCHEME' makes one");
    return {};
}

Result<bool> verify_password(std::string_view password, std::string_view hash) {
    TRY(check_hash(hash));
    TRY_ASSIGN(const Hash parsed, parse_hash(hash));
    if (password.empty() || password.find('\0') != std::string_view::npos ||
        password.size() > CRYPT_MAX_PASSPHRASE_SIZE)
        return false;
    if (contains(argon2_schemes, parsed.scheme)) return verify_argon2(password, parsed.text);
    if (!find_crypt_scheme(parsed))
        return fail(ErrorKind::failed, fmt::format("cannot verify passwords of the scheme '{{{}}}'", parsed.scheme),
                    "doveadm auth test");
    TRY_ASSIGN(const std::string computed, crypt_with(password, parsed.text));
    return equal_in_constant_time(computed, parsed.text);
}

std::string generate_password() {
    constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    static_assert(alphabet.size() == 57);
    constexpr std::size_t length = 20;
    constexpr unsigned fair = 256 / alphabet.size() * alphabet.size(); // bytes from here on would favour some letters
    std::string password;
    while (password.size() < length) {
        unsigned char byte = 0;
        if (::getrandom(&byte, 1, 0) != 1) {
            if (errno == EINTR) continue;
            std::abort(); // no kernel we run on lacks it; a guessable password would be worse
        }
        if (byte < fair) password += alphabet[byte % alphabet.size()];
    }
    return password;
}

} // namespace mailctl
