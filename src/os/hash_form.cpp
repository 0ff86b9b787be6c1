// SPDX-License-Identifier: Apache-2.0
// One table: how long the digest of a scheme is, and what may stand beside it. Dovecot takes base64 or hexadecimal
// digits for any of them, whichever is the usual one.
#include "hash_form.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace mailctl {
namespace {

struct Digest {
    std::string_view scheme;
    std::size_t bytes;
    bool is_salted = false; // at least one byte more
};
constexpr std::array digests{
    Digest{"PLAIN-MD4", 16},     Digest{"PLAIN-MD5", 16},     Digest{"LDAP-MD5", 16},   Digest{"DIGEST-MD5", 16},
    Digest{"CRAM-MD5", 32},      Digest{"HMAC-MD5", 32},      Digest{"SHA", 20},        Digest{"SHA1", 20},
    Digest{"SHA256", 32},        Digest{"SHA512", 64},        Digest{"SMD5", 16, true}, Digest{"SSHA", 20, true},
    Digest{"SSHA256", 32, true}, Digest{"SSHA512", 64, true},
};

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_base64_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
}

// Bytes that the text stands for; absent: it is not of the encoding.
std::optional<std::size_t> bytes_of_hex(std::string_view text) {
    if (text.empty() || text.size() % 2 != 0 || !std::ranges::all_of(text, is_hex_digit)) return std::nullopt;
    return text.size() / 2;
}
std::optional<std::size_t> bytes_of_base64(std::string_view text) {
    const auto digits = text.substr(0, std::min(text.find('='), text.size()));
    const auto padding = text.substr(digits.size());
    const bool is_whole = !text.empty() && text.size() % 4 == 0 && padding.size() <= 2 &&
                          padding.find_first_not_of('=') == padding.npos &&
                          std::ranges::all_of(digits, is_base64_digit);
    if (!is_whole) return std::nullopt;
    return text.size() / 4 * 3 - padding.size();
}

bool has_length(const Digest& digest, std::optional<std::size_t> bytes) {
    return bytes && (digest.is_salted ? *bytes > digest.bytes : *bytes == digest.bytes);
}

bool is_plain_digest(const Digest& digest, std::string_view encoding, std::string_view text) {
    const auto in_hex = bytes_of_hex(text), in_base64 = bytes_of_base64(text);
    if (encoding == "HEX") return has_length(digest, in_hex);
    if (!encoding.empty()) return has_length(digest, in_base64);
    // Of a salted one without a word about its encoding the digits may be either: base64 is what Dovecot takes.
    return has_length(digest, in_base64) || (!digest.is_salted && has_length(digest, in_hex));
}

std::optional<unsigned> count_of(std::string_view text) {
    unsigned count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc{} || end != text.data() + text.size() || count == 0) return std::nullopt;
    return count;
}

// RFC 5803 in Dovecot's notation: "4096,SALT,STORED-KEY,SERVER-KEY", the last three in base64.
bool is_scram(std::size_t key_bytes, std::string_view text) {
    const auto parts = split(text, ',');
    return parts.size() == 4 && count_of(parts[0]) && bytes_of_base64(parts[1]) &&
           bytes_of_base64(parts[2]) == key_bytes && bytes_of_base64(parts[3]) == key_bytes;
}

// "$1$SALT$ROUNDS$DIGEST", the digest 20 bytes in hexadecimal digits.
bool is_pbkdf2(std::string_view text) {
    const auto parts = split(text, '$');
    return parts.size() == 5 && parts[0].empty() && parts[1] == "1" && !parts[2].empty() && count_of(parts[3]) &&
           bytes_of_hex(parts[4]) == 20;
}

} // namespace

bool is_digest(std::string_view scheme, std::string_view encoding, std::string_view text) {
    if (scheme == "SCRAM-SHA-1") return encoding.empty() && is_scram(20, text);
    if (scheme == "SCRAM-SHA-256") return encoding.empty() && is_scram(32, text);
    if (scheme == "PBKDF2") return encoding.empty() && is_pbkdf2(text);
    const auto* const digest = std::ranges::find(digests, scheme == "MD5" ? "PLAIN-MD5" : scheme, &Digest::scheme);
    return digest != digests.end() && is_plain_digest(*digest, encoding, text);
}

} // namespace mailctl
