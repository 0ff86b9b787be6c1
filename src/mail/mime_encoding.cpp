// SPDX-License-Identifier: Apache-2.0
// Encoders. Lines are measured while they are written, so that nothing has to be broken afterwards.
#include "mime_encoding.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace mailctl {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t max_body_line = 76;    // RFC 2045 6.7, 6.8
constexpr std::size_t max_text_line = 78;    // RFC 5322 2.1.1
constexpr std::size_t max_encoded_word = 75; // RFC 2047 2
constexpr std::size_t max_atom = 400; // a longer run of ASCII without a space is encoded, so that it can be folded
constexpr std::string_view word_begin = "=?UTF-8?B?", word_end = "?=";

std::string base64(std::string_view bytes) {
    std::string out;
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
        const std::size_t present = std::min<std::size_t>(bytes.size() - i, 3);
        for (unsigned k = 0; k < 4; ++k)
            out += k <= present ? alphabet[group >> (18 - 6 * k) & 0x3fU] : '=';
    }
    return out;
}

bool is_unfit(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// One line of good UTF-8 without control characters, trimmed.
std::string as_line(std::string_view text) {
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        if (!point)
            line += "\xef\xbf\xbd";
        else if (point->length == 1)
            line += is_unfit(text[at]) ? ' ' : text[at];
        else
            line += text.substr(at, point->length);
        at += point ? point->length : 1;
    }
    return std::string(trim(line));
}

// An encoded word may not be imitated, and a run without spaces could not be folded.
bool needs_words(std::string_view line) {
    if (!is_ascii(line) || line.find("=?") != line.npos) return true;
    return std::ranges::any_of(split(line, ' '), [](std::string_view word) { return word.size() > max_atom; });
}

std::string encoded_words(std::string_view line, std::size_t column) {
    std::vector<std::string> words;
    std::string chunk;
    const auto capacity = [&] {
        const std::size_t used = words.empty() ? std::min<std::size_t>(column, max_text_line / 2) : 1;
        const std::size_t room = std::min(max_encoded_word, max_text_line - used);
        return (room - word_begin.size() - word_end.size()) / 4 * 3;
    };
    const auto flush = [&] {
        words.push_back(std::string(word_begin) + base64(chunk) + std::string(word_end));
        chunk.clear();
    };
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t length = code_point_at(line, at)->length;
        if (chunk.size() + length > capacity()) flush();
        chunk += line.substr(at, length);
        at += length;
    }
    if (!chunk.empty()) flush();
    return join(words, " ");
}

bool is_atom_text(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

std::string quoted_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

// RFC 5987 attribute characters; all else as %XX.
std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (is_atom_text(c) || c == '.') && !std::string_view(" *'%=/?{}").contains(c);
        out += is_plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string with_line_feeds(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r')
            out += text[i];
        else if (i + 1 == text.size() || text[i + 1] != '\n')
            out += '\n';
    }
    return out;
}

// Blanks at the end of a line would be lost on the way (RFC 2045 6.7, rule 3).
bool needs_escape(std::string_view line, std::size_t at) {
    const char c = line[at];
    if (c == ' ' || c == '\t') return at + 1 == line.size();
    return c == '=' || is_unfit(c) || static_cast<unsigned char>(c) >= 0x80;
}

void append_quoted_line(std::string& out, std::string_view line) {
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const std::string piece = needs_escape(line, at) ? fmt::format("={:02X}", static_cast<unsigned char>(line[at]))
                                                         : std::string{line[at]};
        if (column + piece.size() > max_body_line - 1) {
            out += "=\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    }
    out += '\n';
}

} // namespace

std::string encode_base64(std::string_view bytes) {
    const std::string whole = base64(bytes);
    std::string out;
    for (std::size_t at = 0; at < whole.size(); at += max_body_line)
        out += whole.substr(at, max_body_line) + '\n';
    return out;
}

std::string encode_quoted_printable(std::string_view text) {
    std::string clean = with_line_feeds(text);
    if (clean.ends_with('\n')) clean.pop_back();
    std::string out;
    for (const auto line : split(clean, '\n'))
        append_quoted_line(out, line);
    return out;
}

bool is_plain_text(std::string_view text) {
    return text.find("=_") == text.npos && std::ranges::all_of(split(text, '\n'), [](std::string_view line) {
               return line.size() <= max_text_line && is_ascii(line) && !line.ends_with(' ') &&
                      std::ranges::none_of(line, [](char c) { return is_unfit(c) && c != '\t'; });
           });
}

std::string encode_unstructured(std::string_view text, std::size_t column) {
    const std::string line = as_line(text);
    return needs_words(line) ? encoded_words(line, column) : line;
}

std::string encode_phrase(std::string_view name, std::size_t column) {
    const std::string line = as_line(name);
    if (needs_words(line)) return encoded_words(line, column);
    return std::ranges::all_of(line, is_atom_text) ? line : quoted_string(line);
}

std::string encode_parameter(std::string_view name, std::string_view value) {
    const std::string line = as_line(value);
    if (is_ascii(line)) return fmt::format(";\n {}={}", name, quoted_string(line));
    return fmt::format(";\n {}*=UTF-8''{}", name, percent_encoded(line));
}

std::string fold_field(std::string_view name, std::string_view value) {
    const auto words = split(value, ' ');
    std::string out = fmt::format("{}: {}", name, words.front());
    std::size_t column = out.size();
    for (const auto word : std::span(words).subspan(1)) {
        // Blanks alone on a line would end the header for some readers, so a break comes between two words only.
        if (column + 1 + word.size() > max_text_line && !word.empty() && !out.ends_with(' ')) {
            out += '\n';
            column = 0;
        }
        out += ' ';
        out += word;
        column += 1 + word.size();
    }
    return out + '\n';
}

} // namespace mailctl
