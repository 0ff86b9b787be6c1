// SPDX-License-Identifier: Apache-2.0
// SRS: sign, parse, verify. The only file of this floor that includes libsodium.
#include "mailctl/mail/srs.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::size_t hash_length = 4; // characters: 24 bits
constexpr std::size_t max_local_part = 255;
constexpr DayNumber day_cycle = 1024;
constexpr DayNumber valid_days = 21;
constexpr DayNumber days_ahead = 1; // clocks of two nodes around midnight
constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
// RFC 4648 5: '+' would begin a detail.
constexpr std::string_view srs_base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Folded, because mail systems between us and the bounce may fold the local part.
std::string sign(std::string_view secret, std::string_view tag, std::string_view text) {
    const std::string message = fold(tag) + "=" + fold(text);
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    const unsigned bits = static_cast<unsigned>(mac[0]) << 16 | static_cast<unsigned>(mac[1]) << 8 | mac[2];
    std::string hash;
    for (unsigned shift : {18U, 12U, 6U, 0U})
        hash.push_back(srs_base64[bits >> shift & 0x3f]);
    return hash;
}

// The tag is signed too, so that no proof of one form serves as a proof of the other.
bool is_signed(const SrsKeys& keys, std::string_view tag, std::string_view hash, std::string_view text) {
    if (hash.size() != hash_length) return false;
    const std::string given = fold(hash);
    return std::ranges::any_of(keys.secrets, [&](const std::string& secret) {
        const std::string expected = fold(sign(secret, tag, text));
        return sodium_memcmp(given.data(), expected.data(), hash_length) == 0;
    });
}

std::string format_day(DayNumber day) {
    auto slot = static_cast<std::size_t>(((day % day_cycle) + day_cycle) % day_cycle);
    return {base32[slot >> 5], base32[slot & 31]};
}

bool is_recent(std::string_view stamp, DayNumber today) {
    for (DayNumber age = -days_ahead; age <= valid_days; ++age)
        if (equal_folded(stamp, format_day(today - age))) return true;
    return false;
}

// What follows the tag, with its separator in front.
std::optional<std::string_view> strip_tag(std::string_view local, std::string_view tag) {
    if (local.size() <= tag.size() || !equal_folded(local.substr(0, tag.size()), tag)) return std::nullopt;
    local.remove_prefix(tag.size());
    if (std::string_view("=+-").find(local[0]) == std::string_view::npos) return std::nullopt;
    return local;
}

std::optional<std::string_view> take_field(std::string_view& text) {
    auto end = text.find('=');
    if (end == text.npos) return std::nullopt;
    std::string_view field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
}

struct Guarded { // "=HASH=TT=domain=local"
    std::string_view hash, signed_text, stamp, domain, local;
};
std::optional<Guarded> parse_srs0(std::string_view local) {
    auto body = strip_tag(local, "SRS0");
    if (!body) return std::nullopt;
    std::string_view rest = body->substr(1);
    auto hash = take_field(rest);
    std::string_view signed_text = rest;
    auto stamp = take_field(rest);
    auto domain = take_field(rest);
    if (!hash || !stamp || !domain) return std::nullopt;
    return Guarded{*hash, signed_text, *stamp, *domain, rest};
}

struct Chained { // "=HASH=first.forwarder" and the body of its SRS0
    std::string_view hash, signed_text, domain, srs0_body;
};
std::optional<Chained> parse_srs1(std::string_view local) {
    auto body = strip_tag(local, "SRS1");
    if (!body) return std::nullopt;
    std::string_view rest = body->substr(1);
    auto hash = take_field(rest);
    std::string_view signed_text = rest;
    auto domain = take_field(rest);
    if (!hash || !domain || !keep_domain(*domain) || rest.empty()) return std::nullopt;
    if (std::string_view("=+-").find(rest[0]) == std::string_view::npos) return std::nullopt;
    return Chained{*hash, signed_text, *domain, rest};
}

SrsReversal to_address(std::string local, std::string_view domain_text) {
    auto domain = keep_domain(domain_text);
    if (!domain) return {SrsVerdict::forged, std::nullopt};
    return {SrsVerdict::genuine, Address{LocalPart::from_trusted(std::move(local)), std::move(*domain)}};
}

// A body that only its maker can read is still his, and one step from us leads back to him. An address such as
// "srs0-fan" is a person's.
bool is_anybodys_srs0(std::string_view local) {
    return parse_srs0(local) || (strip_tag(local, "SRS0") && (local.starts_with("SRS0") || local[4] == '='));
}

} // namespace

Sender srs_rewrite(const Sender& sender, const SrsKeys& keys, DayNumber today) {
    if (!sender || keys.secrets.empty() || sender->domain == keys.domain) return sender;
    const std::string& local = sender->local.text();
    std::string tag = "SRS1", text;
    if (auto chained = parse_srs1(local)) {
        text = chained->signed_text;
    } else if (is_anybodys_srs0(local)) {
        text = sender->domain.text() + "=" + local.substr(4);
    } else {
        tag = "SRS0";
        text = format_day(today) + "=" + sender->domain.text() + "=" + local;
    }
    std::string rewritten = tag + keys.separator + sign(keys.secrets.front(), tag, text) + "=" + text;
    if (rewritten.size() > max_local_part) return sender;
    return Address{LocalPart::from_trusted(std::move(rewritten)), keys.domain};
}

SrsReversal srs_reverse(const LocalPart& local, const SrsKeys& keys, DayNumber today) {
    const std::string& text = local.text();
    if (!strip_tag(text, "SRS0") && !strip_tag(text, "SRS1")) return {};
    if (auto chained = parse_srs1(text)) {
        if (!is_signed(keys, "SRS1", chained->hash, chained->signed_text)) return {SrsVerdict::forged, std::nullopt};
        return to_address("SRS0" + std::string(chained->srs0_body), chained->domain);
    }
    auto guarded = parse_srs0(text);
    if (!guarded || !is_signed(keys, "SRS0", guarded->hash, guarded->signed_text))
        return {SrsVerdict::forged, std::nullopt};
    if (!is_recent(guarded->stamp, today)) return {SrsVerdict::expired, std::nullopt};
    return to_address(std::string(guarded->local), guarded->domain);
}

} // namespace mailctl
