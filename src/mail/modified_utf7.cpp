// SPDX-License-Identifier: Apache-2.0
// Modified UTF-7 of IMAP folder names (RFC 3501 5.1.3), declared in maildir_name.hpp. Decoding accepts the one
// canonical spelling of a name and no other.
#include "mailctl/base/text.hpp"
#include "mailctl/base/utf8.hpp"
#include "mailctl/mail/maildir_name.hpp"

#include <cstddef>

namespace mailctl {
namespace {

// RFC 3501 5.1.3: ',' in the place of '/', no padding.
constexpr std::string_view utf7_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_direct(char c) { return c >= 0x20 && c < 0x7f; }

// Six bits at a time, as UTF-16BE units come in.
class Shifted {
  public:
    explicit Shifted(std::string& out) : out_(out) { out_.push_back('&'); }
    void put(char32_t point) {
        if (point < 0x10000) return put_unit(point);
        point -= 0x10000;
        put_unit(0xd800 + (point >> 10));
        put_unit(0xdc00 + (point & 0x3ff));
    }
    void close() {
        if (bits_ > 0) out_.push_back(utf7_alphabet[pending_ << (6 - bits_) & 0x3f]);
        out_.push_back('-');
    }

  private:
    void put_unit(char32_t unit) {
        pending_ = pending_ << 16 | unit;
        for (bits_ += 16; bits_ >= 6; bits_ -= 6)
            out_.push_back(utf7_alphabet[pending_ >> (bits_ - 6) & 0x3f]);
        pending_ &= (1U << bits_) - 1;
    }
    std::string& out_;
    std::uint32_t pending_ = 0;
    unsigned bits_ = 0;
};

// What is between '&' and '-': UTF-16BE units in base 64.
std::optional<std::string> decode_shifted(std::string_view text) {
    std::string decoded;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    char32_t high = 0;
    for (char c : text) {
        auto value = utf7_alphabet.find(c);
        if (value == utf7_alphabet.npos) return std::nullopt;
        pending = (pending << 6 | static_cast<std::uint32_t>(value)) & 0x3fffff;
        bits += 6;
        if (bits < 16) continue;
        bits -= 16;
        char32_t unit = pending >> bits & 0xffff;
        bool is_low = unit >= 0xdc00 && unit < 0xe000;
        if ((high != 0) != is_low) return std::nullopt;
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        append_utf8(decoded, high != 0 ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit);
        high = 0;
    }
    if (high != 0) return std::nullopt;
    return decoded;
}

} // namespace

std::optional<std::string> encode_modified_utf7(std::string_view text) {
    if (!is_utf8(text)) return std::nullopt;
    std::string encoded;
    while (!text.empty()) {
        if (is_direct(text[0])) {
            encoded.push_back(text[0]);
            if (text[0] == '&') encoded.push_back('-');
            text.remove_prefix(1);
            continue;
        }
        Shifted shifted(encoded);
        while (!text.empty() && !is_direct(text[0])) {
            const auto point = *code_point_at(text, 0); // there: checked above
            shifted.put(point.value);
            text.remove_prefix(point.length);
        }
        shifted.close();
    }
    return encoded;
}

std::optional<std::string> decode_modified_utf7(std::string_view text) {
    std::string decoded;
    for (std::string_view rest = text; !rest.empty();) {
        if (rest[0] != '&') {
            decoded.push_back(rest[0]);
            rest.remove_prefix(1);
            continue;
        }
        auto end = rest.find('-');
        if (end == rest.npos) return std::nullopt;
        auto piece = end == 1 ? std::optional<std::string>("&") : decode_shifted(rest.substr(1, end - 1));
        if (!piece) return std::nullopt;
        decoded += *piece;
        rest.remove_prefix(end + 1);
    }
    // Two spellings of one folder would be two directories: only the canonical one counts.
    if (encode_modified_utf7(decoded) != text) return std::nullopt;
    return decoded;
}

} // namespace mailctl
