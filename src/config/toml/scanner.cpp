// SPDX-License-Identifier: Apache-2.0
#include "scanner.hpp"

namespace mailctl {
namespace {

constexpr unsigned max_nesting = 32;

void append_code_point(std::string& out, unsigned long code) {
    const auto put = [&](unsigned long byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xc0 | code >> 6);
    } else {
        if (code < 0x10000)
            put(0xe0 | code >> 12);
        else
            put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
    }
    put(0x80 | (code & 0x3f));
}

// The inside of a basic string on one line. False: not an escape that TOML knows.
bool unescape(std::string_view text, std::string& out) {
    constexpr std::string_view letters = "btnfr\"\\", meanings = "\b\t\n\f\r\"\\";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) return false;
        if (const auto letter = letters.find(text[i]); letter != letters.npos) {
            out += meanings[letter];
            continue;
        }
        const std::size_t digits = text[i] == 'u' ? 4 : text[i] == 'U' ? 8 : 0;
        if (digits == 0 || text.size() - i <= digits) return false;
        const std::string hex(text.substr(i + 1, digits));
        if (hex.find_first_not_of("0123456789abcdefABCDEF") != hex.npos) return false;
        const auto code = std::stoul(hex, nullptr, 16);
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        append_code_point(out, code);
        i += digits;
    }
    return true;
}

constexpr std::string_view bare_value_characters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._";

// Takes text of this shape from the front: 0 is a digit, all else itself.
bool take_shape(std::string_view& text, std::string_view shape) {
    if (text.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return false;
    text.remove_prefix(shape.size());
    return true;
}

bool looks_like_time(std::string_view text) { return take_shape(text, "0000-") || take_shape(text, "00:"); }

// RFC 3339 5.6, local forms and a blank for the T included.
bool is_date_or_time(std::string_view text) {
    const bool has_date = take_shape(text, "0000-00-00");
    if (has_date) {
        if (text.empty()) return true;
        if (text[0] != 'T' && text[0] != 't' && text[0] != ' ') return false;
        text.remove_prefix(1);
    }
    if (!take_shape(text, "00:00:00")) return false;
    if (take_shape(text, ".0")) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    if (has_date && (text == "Z" || text == "z")) return true;
    if (has_date && (take_shape(text, "+00:00") || take_shape(text, "-00:00"))) return text.empty();
    return text.empty();
}

} // namespace

void TomlScanner::skip_trivia() {
    while (!done()) {
        const char c = text_[at_];
        if (c == '#')
            skip_line();
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            ++at_;
        else
            return;
    }
}

bool TomlScanner::key(std::vector<KeyPart>& parts) {
    do {
        skip_blanks();
        if (parts.size() == max_key_parts) return stop("a key has more than 16 parts");
        parts.emplace_back();
        if (!key_part(parts.back())) return stop("this is not a key");
        skip_blanks();
    } while (take('.'));
    return true;
}

bool TomlScanner::value(Span& span, unsigned depth) {
    if (depth > max_nesting) return stop("values are nested deeper than 32");
    span.begin = at_;
    bool good = false;
    if (peek() == '"' || peek() == '\'')
        good = string();
    else if (peek() == '[')
        good = array(depth);
    else if (peek() == '{')
        good = inline_table(depth);
    else
        good = scalar();
    span.end = at_;
    return good;
}

bool TomlScanner::statement(Statement& out, unsigned depth) {
    if (!key(out.key)) return false;
    if (!take('=')) return stop("a '=' is missing behind the key");
    skip_blanks();
    return value(out.value, depth);
}

bool TomlScanner::header(std::vector<KeyPart>& path, bool& is_array) {
    take('[');
    is_array = take('[');
    if (!key(path)) return false;
    if (!take(']') || (is_array && !take(']'))) return stop("a ']' is missing in a table header");
    return finish_line();
}

bool TomlScanner::array(unsigned depth, std::vector<Span>* elements) {
    take('[');
    while (true) {
        skip_trivia();
        if (take(']')) return true;
        Span span;
        if (!value(span, depth + 1)) return false;
        if (elements) elements->push_back(span);
        skip_trivia();
        if (!take(',') && peek() != ']') return stop("a ',' or ']' is missing in an array");
    }
}

bool TomlScanner::inline_table(unsigned depth, std::vector<Statement>* entries) {
    take('{');
    skip_blanks();
    if (take('}')) return true;
    do {
        skip_blanks();
        Statement entry;
        entry.whole.begin = at_;
        if (!statement(entry, depth + 1)) return false;
        entry.whole.end = at_;
        if (entries) entries->push_back(std::move(entry));
        skip_blanks();
    } while (take(','));
    return take('}') || stop("a ',' or '}' is missing in an inline table");
}

bool TomlScanner::stop(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    return false;
}

bool TomlScanner::key_part(KeyPart& part) {
    const auto begin = at_;
    if (std::string_view name; plain_part(name)) {
        part.name = name;
    } else {
        const char quote = peek();
        if ((quote != '"' && quote != '\'') || !line_string() || quote == '\'') return false;
        if (!unescape(text_.substr(begin + 1, at_ - begin - 2), part.name)) return false;
        if (part.name.find('\0') != part.name.npos) return false;
    }
    part.span = {begin, at_};
    return true;
}

bool TomlScanner::string() {
    const std::string_view three = text_.substr(at_, 3);
    if (three == "\"\"\"" || three == "'''") return block_string(three);
    return line_string();
}

bool TomlScanner::line_string() {
    const char quote = text_[at_++];
    while (!done() && peek() != '\n') {
        const char c = text_[at_++];
        if (c == quote) return true;
        if (c == '\\' && quote == '"' && !done() && peek() != '\n') ++at_;
    }
    return stop("a string is not closed");
}

bool TomlScanner::block_string(std::string_view quotes) {
    at_ += 3;
    while (!done()) {
        if (text_.substr(at_, 3) == quotes) {
            at_ += 3;
            // Up to two more quotes belong to the text itself.
            for (int extra = 0; extra < 2 && take(quotes[0]);)
                ++extra;
            return true;
        }
        at_ += text_[at_] == '\\' && quotes[0] == '"' ? 2 : 1;
    }
    at_ = text_.size();
    return stop("a multi-line string is not closed");
}

bool TomlScanner::scalar() {
    const auto begin = at_;
    at_ = std::min(text_.find_first_of(",]}#\r\n", at_), text_.size());
    while (at_ > begin && (text_[at_ - 1] == ' ' || text_[at_ - 1] == '\t'))
        --at_;
    const auto text = text_.substr(begin, at_ - begin);
    if (text.empty()) return stop("a value is missing");
    if (looks_like_time(text) ? is_date_or_time(text) : text.find_first_not_of(bare_value_characters) == text.npos)
        return true;
    at_ = begin;
    return stop(looks_like_time(text) ? "this is not a date or time" : "this is not a value; text needs quotes");
}

} // namespace mailctl
