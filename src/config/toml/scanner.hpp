// SPDX-License-Identifier: Apache-2.0
// TOML's grammar, in one place: where keys, values, lines and headers end. What they mean is toml.hpp's. It is memory
// safe on any bytes, and stops at or before the first byte that TOML does not allow in a position that decides where a
// statement ends; what is inside a value is the parser's to judge. Refused: keys deeper than 16 parts, values nested
// deeper than 32, NUL in a key (attacks on the stack, not configuration). TOML 1.0.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct Span { // bytes [begin, end)
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
    bool operator==(const Span&) const = default;
};

inline constexpr std::size_t max_key_parts = 16;

struct KeyPart {
    std::string name; // unquoted
    Span span;        // with its quotes
};

// `key = value`. `whole` is the line or lines it stands on, comment and line end included; in an inline table it is
// only the entry itself.
struct Statement {
    std::vector<KeyPart> key;
    Span value, whole;
};

inline constexpr auto bare_key_characters = [] {
    std::array<bool, 256> bare{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"))
        bare[static_cast<unsigned char>(c)] = true;
    return bare;
}();
[[nodiscard]] constexpr bool is_bare_in_key(char c) { return bare_key_characters[static_cast<unsigned char>(c)]; }

// Takes pieces from the front of what is left of a text. Each that answers false has stopped where the text no longer
// makes sense, and `reason` says why.
class TomlScanner {
  public:
    explicit TomlScanner(std::string_view text, std::size_t at = 0, std::size_t end = std::string_view::npos)
        : text_(text.substr(0, end)), at_(at) {}

    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] bool done() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
    [[nodiscard]] std::string_view reason() const { return reason_; }

    bool take(char c) {
        if (done() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_blanks() {
        while (!done() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }
    void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1; }
    void skip_trivia(); // blanks, line ends and comments
    // Blanks and a comment up to and including the line end. False: something else stands there.
    bool finish_line() {
        skip_blanks();
        if (done()) return true;
        if (peek() == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        if (peek() != '#' && peek() != '\n') return stop("something is left over behind the value");
        skip_line();
        return true;
    }

    // A part of a key that is spelled as it is named: bare, or in quotes that hold no escape. False: it is none, or
    // none of this kind, and nothing is taken.
    bool plain_part(std::string_view& name) {
        const char quote = peek();
        const bool is_quoted = quote == '"' || quote == '\'';
        auto end = at_ + (is_quoted ? 1 : 0);
        const auto begin = end;
        if (is_quoted)
            while (end < text_.size() && text_[end] != quote && !ends_plain(quote, text_[end]))
                ++end;
        else
            while (end < text_.size() && is_bare_in_key(text_[end]))
                ++end;
        name = text_.substr(begin, end - begin);
        if (is_quoted ? end >= text_.size() || text_[end] != quote : name.empty()) return false;
        at_ = end + (is_quoted ? 1 : 0);
        return true;
    }
    bool key(std::vector<KeyPart>& parts);
    bool value(Span& span, unsigned depth = 0);
    bool statement(Statement& out, unsigned depth = 0);      // `whole` is the caller's to say
    bool header(std::vector<KeyPart>& path, bool& is_array); // with its line's end
    bool array(unsigned depth, std::vector<Span>* elements = nullptr);
    bool inline_table(unsigned depth, std::vector<Statement>* entries = nullptr);

  private:
    static bool ends_plain(char quote, char c) { return c == '\n' || c == '\0' || (c == '\\' && quote == '"'); }
    bool stop(std::string_view reason);
    bool key_part(KeyPart& part);
    bool string();
    bool line_string();
    bool block_string(std::string_view quotes);
    bool scalar();

    std::string_view text_;
    std::size_t at_;
    std::string_view reason_;
};

} // namespace mailctl
