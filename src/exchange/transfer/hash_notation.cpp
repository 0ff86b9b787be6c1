// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/transfer/hash_notation.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mailctl {
namespace {

using Kind = StoredPassword::Kind;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_of_crypt(char c) { return is_letter_or_digit(c) || c == '.' || c == '/'; } // alphabet of crypt(3)

// "$ID$..." of crypt(3) and its relatives.
bool is_modular(std::string_view text) {
    const auto second = text.find('$', 1);
    return text.starts_with('$') && second != text.npos && second > 1 && second <= 10 && text.size() - second > 20;
}

// crypt(3) without "$": 13 characters of DES, or "_" and 19 of its extended form.
bool is_traditional(std::string_view text) {
    const bool is_extended = text.starts_with('_') && text.size() == 20;
    return (text.size() == 13 || is_extended) && std::ranges::all_of(text.substr(is_extended ? 1 : 0), is_of_crypt);
}

struct HexDigest {
    std::size_t digits;
    std::string_view scheme;
};
constexpr std::array hex_digests{HexDigest{32, "{PLAIN-MD5}"}, HexDigest{40, "{SHA.HEX}"},
                                 HexDigest{64, "{SHA256.HEX}"}, HexDigest{128, "{SHA512.HEX}"}};

// The bytes of "{SCHEME}" at the front; 0 = none is there.
std::size_t scheme_length(std::string_view text) {
    const auto close = text.find('}');
    if (!text.starts_with('{') || close == text.npos || close < 2) return 0;
    const auto name = text.substr(1, close - 1);
    const bool is_name =
        std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
    return is_name ? close + 1 : 0;
}

// What stands behind "{PLAIN}" and its other names; absent: the text does not begin so.
std::optional<std::string_view> marked_plain(std::string_view text) {
    const auto length = scheme_length(text);
    for (const std::string_view plain : {"{PLAIN}", "{CLEAR}", "{CLEARTEXT}"})
        if (length > 0 && equal_folded(text.substr(0, length), plain)) return text.substr(length);
    return std::nullopt;
}

// "x", "*", "*LK*", and a hash or a random text behind '!' or '*': an account that nobody can log in to.
bool is_locked(std::string_view text, PasswordField field) {
    const auto rest = text.substr(std::min(text.find_first_not_of("!*"), text.size()));
    if (text == "x" || text == "X" || rest.empty()) return true;
    if (rest.size() == text.size()) return false;
    if (is_modular(rest) || scheme_length(rest) > 0 || (text.starts_with('*') && text.ends_with('*'))) return true;
    constexpr std::size_t shortest_filler = 20; // Django's is 40
    const bool is_filler = rest.size() >= shortest_filler && std::ranges::all_of(rest, is_letter_or_digit);
    return text.starts_with('!') && (field == PasswordField::hashes || is_filler);
}

} // namespace

std::string with_scheme(std::string_view hash) {
    if (hash.starts_with("$argon2id$")) return "{ARGON2ID}" + std::string(hash);
    if (hash.starts_with("$argon2i$")) return "{ARGON2I}" + std::string(hash);
    if (is_modular(hash)) return "{CRYPT}" + std::string(hash);
    const auto* const digest = std::ranges::find(hex_digests, hash.size(), &HexDigest::digits);
    if (digest != hex_digests.end() && std::ranges::all_of(hash, is_hex))
        return std::string(digest->scheme) + std::string(hash);
    return std::string(hash);
}

bool looks_like_hash(std::string_view text) {
    const auto length = scheme_length(text);
    return is_modular(text) || (length > 0 && text.size() - length > 9 && !marked_plain(text));
}

StoredPassword read_stored_password(std::string_view text, PasswordField field) {
    if (text.empty() || is_locked(text, field)) return {};
    if (const auto plain = marked_plain(text)) {
        if (plain->empty()) return {};
        return {Kind::plain, std::string(*plain)};
    }
    if (scheme_length(text) > 0) return {Kind::hash, std::string(text)};
    if (auto hash = with_scheme(text); hash.size() > text.size()) return {Kind::hash, std::move(hash)};
    if (field == PasswordField::plain_or_hash) return {Kind::plain, std::string(text)};
    if (is_traditional(text)) return {Kind::hash, "{CRYPT}" + std::string(text)};
    return {Kind::doubtful, {}};
}

} // namespace mailctl
