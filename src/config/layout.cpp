// The scanner behind layout.hpp. It must be memory safe on any bytes, and must stop at or before the first byte that
// TOML does not allow in a position that decides where a statement ends; what is inside a value is the parser's to
// judge.
#include "layout.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t max_key_parts = 16;
constexpr unsigned max_nesting = 32;
constexpr std::string_view bare_key_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

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

class Scanner {
  public:
    explicit Scanner(std::string_view text, std::size_t at = 0, std::size_t end = std::string_view::npos)
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
    void skip_trivia() {
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
    // Blanks and a comment up to and including the line end. False: something else stands there.
    bool finish_line() {
        skip_blanks();
        if (done()) return true;
        if (peek() == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        if (peek() != '#' && peek() != '\n') return stop("something is left over behind the value");
        skip_line();
        return true;
    }

    bool key(std::vector<KeyPart>& parts) {
        do {
            skip_blanks();
            if (parts.size() == max_key_parts) return stop("a key has more than 16 parts");
            parts.emplace_back();
            if (!key_part(parts.back())) return stop("this is not a key");
            skip_blanks();
        } while (take('.'));
        return true;
    }
    bool value(Span& span, unsigned depth = 0) {
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
    bool statement(Statement& out, unsigned depth = 0) {
        if (!key(out.key)) return false;
        if (!take('=')) return stop("a '=' is missing behind the key");
        skip_blanks();
        return value(out.value, depth);
    }
    bool header(SectionSpan& section) {
        take('[');
        section.is_array = take('[');
        if (!key(section.path)) return false;
        if (!take(']') || (section.is_array && !take(']'))) return stop("a ']' is missing in a table header");
        return finish_line();
    }
    bool array(unsigned depth, std::vector<Span>* elements = nullptr) {
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
    bool inline_table(unsigned depth, std::vector<Statement>* entries = nullptr) {
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

  private:
    bool stop(std::string_view reason) {
        if (reason_.empty()) reason_ = reason;
        return false;
    }
    bool key_part(KeyPart& part) {
        const auto begin = at_;
        if (peek() == '"' || peek() == '\'') {
            const char quote = peek();
            if (!line_string()) return false;
            const auto inside = text_.substr(begin + 1, at_ - begin - 2);
            if (quote == '\'')
                part.name = inside;
            else if (!unescape(inside, part.name))
                return false;
            if (part.name.find('\0') != part.name.npos) return false;
        } else {
            at_ = std::min(text_.find_first_not_of(bare_key_characters, at_), text_.size());
            part.name = text_.substr(begin, at_ - begin);
            if (part.name.empty()) return false;
        }
        part.span = {begin, at_};
        return true;
    }
    bool string() {
        const std::string_view three = text_.substr(at_, 3);
        if (three == "\"\"\"" || three == "'''") return block_string(three);
        return line_string();
    }
    bool line_string() {
        const char quote = text_[at_++];
        while (!done() && peek() != '\n') {
            const char c = text_[at_++];
            if (c == quote) return true;
            if (c == '\\' && quote == '"' && !done() && peek() != '\n') ++at_;
        }
        return stop("a string is not closed");
    }
    bool block_string(std::string_view quotes) {
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
    bool scalar() {
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

    std::string_view text_;
    std::size_t at_;
    std::string_view reason_;
};

// Where the comment block directly above `header` begins, not before `floor`.
std::size_t lead_of(std::string_view text, std::size_t floor, std::size_t header) {
    auto begin = header;
    while (begin > floor) {
        const auto line = line_around(text, begin - 1);
        const auto first = text.find_first_not_of(" \t", line.begin);
        if (line.begin < floor || first >= line.end || text[first] != '#') break;
        begin = line.begin;
    }
    return begin;
}

} // namespace

Span line_around(std::string_view text, std::size_t at) {
    const auto before = at == 0 ? text.npos : text.rfind('\n', at - 1);
    const auto after = text.find('\n', at);
    return {before == text.npos ? 0 : before + 1, after == text.npos ? text.size() : after + 1};
}

std::size_t skip_trivia(std::string_view text, std::size_t at) {
    Scanner scanner(text, at);
    scanner.skip_trivia();
    return scanner.at();
}

Layout scan_layout(std::string_view text) {
    Layout layout;
    const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    Scanner scanner(text, mark);
    layout.sections.push_back({{}, false, {}, {0, mark}, {mark, text.size()}});
    Statement statement; // one for all lines: this loop is the cost of a small edit in a large file
    std::size_t statements_end = scanner.at(); // comments from here on may belong to the next header
    const auto close = [&](std::size_t end) { layout.sections.back().body.end = end; };
    while (true) {
        const auto line_begin = scanner.at();
        scanner.skip_blanks();
        if (scanner.done()) break;
        const char c = scanner.peek();
        bool good = true;
        if (c == '[') {
            SectionSpan section;
            good = scanner.header(section);
            section.lead = {lead_of(text, statements_end, line_begin), line_begin};
            section.header = {line_begin, scanner.at()};
            section.body = {scanner.at(), text.size()};
            if (good) close(section.lead.begin), layout.sections.push_back(std::move(section));
            statements_end = scanner.at();
        } else if (c == '#' || c == '\n' || c == '\r') {
            good = scanner.finish_line();
        } else {
            statement.key.clear();
            good = scanner.statement(statement) && scanner.finish_line();
            statements_end = scanner.at();
        }
        if (!good) {
            layout.trouble = scanner.at();
            layout.reason = scanner.reason();
            layout.sound_end = line_begin;
            break;
        }
    }
    close(layout.trouble.value_or(text.size()));
    return layout;
}

std::vector<Statement> scan_statements(std::string_view text, Span body) {
    std::vector<Statement> statements;
    Scanner scanner(text, body.begin, body.end);
    while (true) {
        scanner.skip_trivia();
        if (scanner.done()) return statements;
        Statement statement;
        statement.whole.begin = std::max(body.begin, line_around(text, scanner.at()).begin);
        if (!scanner.statement(statement) || !scanner.finish_line()) return statements;
        statement.whole.end = scanner.at();
        statements.push_back(std::move(statement));
    }
}

std::vector<Span> scan_elements(std::string_view text, Span array) {
    std::vector<Span> elements;
    Scanner(text, array.begin, array.end).array(0, &elements);
    return elements;
}

std::vector<Statement> scan_entries(std::string_view text, Span inline_table) {
    std::vector<Statement> entries;
    Scanner(text, inline_table.begin, inline_table.end).inline_table(0, &entries);
    return entries;
}

} // namespace mailctl
