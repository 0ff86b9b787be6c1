// SPDX-License-Identifier: Apache-2.0
// Words are found by their frame =?charset?B or Q?text?= and decoded one by one. Raw 8-bit text that is not UTF-8 comes
// from programs that never heard of charsets; what they mean is nearly always windows-1252.
#include "encoded_word.hpp"

#include "charset.hpp"
#include "mailctl/base/text.hpp"

namespace mailctl {
namespace {

struct Word {
    std::string_view charset, text;
    char encoding = 'B';
    std::size_t length = 0; // of the whole, in the value
};

// RFC 2047 2: the word that begins at `at`.
std::optional<Word> word_at(std::string_view value, std::size_t at) {
    constexpr std::size_t longest = 998; // senders exceed the 75 of the RFC
    const auto rest = value.substr(at, longest);
    if (!rest.starts_with("=?")) return std::nullopt;
    const auto charset_end = rest.find('?', 2);
    if (charset_end == rest.npos || charset_end + 2 >= rest.size() || rest[charset_end + 2] != '?') return std::nullopt;
    const auto end = rest.find("?=", charset_end + 3);
    if (end == rest.npos) return std::nullopt;
    Word word{.charset = rest.substr(2, charset_end - 2),
              .text = rest.substr(charset_end + 3, end - charset_end - 3),
              .encoding = fold(rest.substr(charset_end + 1, 1)).front(),
              .length = end + 2};
    word.charset = word.charset.substr(0, word.charset.find('*')); // a language (RFC 2231 5)
    const bool is_good = (word.encoding == 'b' || word.encoding == 'q') && word.text.find(' ') == word.text.npos;
    return is_good ? std::optional(word) : std::nullopt;
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

std::optional<std::string> decode_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            out += text[i] == '_' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high << 4U | *low);
        i += 2;
    }
    return out;
}

std::optional<std::string> decode_b(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned bits = 0, count = 0;
    while (text.ends_with('='))
        text.remove_suffix(1);
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == alphabet.npos) return std::nullopt;
        bits = (bits << 6U | static_cast<unsigned>(value)) & 0xffffffU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xffU);
        }
    }
    return out;
}

} // namespace

std::optional<std::string> decode_unstructured(std::string_view value) {
    const auto raw = is_utf8(value) ? std::string(value) : text_in_charset(value, "windows-1252");
    if (!raw) return std::nullopt;
    value = *raw;
    std::string out, bytes, charset; // bytes: of words in a row, which may divide a character between them
    const auto flush = [&] {
        if (bytes.empty()) return true;
        const auto text = text_in_charset(bytes, charset);
        if (text) out += *text;
        bytes.clear();
        return text.has_value();
    };
    for (std::size_t at = 0; at < value.size();) {
        const auto word = word_at(value, at);
        if (!word) {
            const auto next = value.find_first_not_of(" \t", at);
            const bool between = !bytes.empty() && next != value.npos && word_at(value, next).has_value();
            if (between) {
                at = next;
                continue;
            }
            if (!flush()) return std::nullopt;
            out += value[at++];
            continue;
        }
        const auto decoded = word->encoding == 'b' ? decode_b(word->text) : decode_q(word->text);
        if (!decoded) return std::nullopt;
        if (fold(word->charset) != charset && !flush()) return std::nullopt;
        charset = fold(word->charset);
        bytes += *decoded;
        at += word->length;
    }
    if (!flush()) return std::nullopt;
    return out;
}

} // namespace mailctl
