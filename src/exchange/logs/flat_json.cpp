// SPDX-License-Identifier: Apache-2.0
// A reader that only goes forward.
#include "flat_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace mailctl {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return add(point);
    if (point < 0x800) {
        add(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            add(0xE0 | point >> 12);
        } else {
            add(0xF0 | point >> 18);
            add(0x80 | (point >> 12 & 0x3F));
        }
        add(0x80 | (point >> 6 & 0x3F));
    }
    add(0x80 | (point & 0x3F));
}

class FlatReader {
  public:
    explicit FlatReader(std::string_view text) : rest_(text) {}

    bool take(char wanted) {
        skip_space();
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool at_end() {
        skip_space();
        return rest_.empty();
    }
    std::optional<std::string> string() {
        if (!take('"')) return std::nullopt;
        std::string text;
        for (;;) {
            const std::size_t plain = rest_.find_first_of("\"\\");
            if (plain == std::string_view::npos) return std::nullopt;
            text.append(rest_.substr(0, plain));
            const bool ends = rest_[plain] == '"';
            rest_.remove_prefix(plain + 1);
            if (ends) return text;
            if (!escape(text)) return std::nullopt;
        }
    }
    std::optional<std::string> value() {
        skip_space();
        if (rest_.starts_with('"')) return string();
        if (rest_.starts_with('[')) return array();
        if (rest_.starts_with('{')) return skip_nested() ? std::optional<std::string>("") : std::nullopt;
        const std::size_t end = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
        if (end == 0) return std::nullopt;
        std::string word(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return word;
    }

  private:
    void skip_space() {
        const std::size_t start = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
        rest_.remove_prefix(start);
    }
    std::optional<std::uint32_t> hex4() {
        std::uint32_t value = 0;
        if (rest_.size() < 4) return std::nullopt;
        const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + 4, value, 16);
        if (problem != std::errc{} || end != rest_.data() + 4) return std::nullopt;
        rest_.remove_prefix(4);
        return value;
    }
    bool unicode(std::string& text) {
        auto point = hex4();
        if (!point) return false;
        if (*point >= 0xD800 && *point < 0xDC00 && rest_.starts_with("\\u")) {
            rest_.remove_prefix(2);
            const auto low = hex4();
            if (!low) return false;
            point = 0x10000 + ((*point & 0x3FF) << 10) + (*low & 0x3FF);
        }
        append_utf8(text, *point);
        return true;
    }
    bool escape(std::string& text) {
        constexpr std::string_view names = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        if (rest_.empty()) return false;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == 'u') return unicode(text);
        const std::size_t at = names.find(c);
        if (at == std::string_view::npos) return false;
        text += meant[at];
        return true;
    }
    std::optional<std::string> array() {
        const auto whole = rest_;
        std::string bytes;
        rest_.remove_prefix(1);
        while (!take(']')) {
            std::uint32_t byte = 0;
            const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), byte);
            if (problem != std::errc{} || byte > 0xFF) {
                rest_ = whole;
                return skip_nested() ? std::optional<std::string>("") : std::nullopt;
            }
            bytes += static_cast<char>(byte);
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
            (void)take(',');
        }
        return bytes;
    }
    // Past brackets and what is between them; strings may hold brackets.
    bool skip_nested() {
        std::size_t depth = 0;
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '"') {
                if (!string()) return false;
                continue;
            }
            rest_.remove_prefix(1);
            if (c == '[' || c == '{') ++depth;
            if ((c == ']' || c == '}') && --depth == 0) return true;
        }
        return false;
    }

    std::string_view rest_;
};

} // namespace

bool for_each_member(std::string_view text, const std::function<void(std::string_view, std::string&&)>& member) {
    FlatReader reader(text);
    if (!reader.take('{')) return false;
    if (reader.take('}')) return reader.at_end();
    for (;;) {
        const auto key = reader.string();
        if (!key || !reader.take(':')) return false;
        auto value = reader.value();
        if (!value) return false;
        member(*key, std::move(*value));
        if (reader.take('}')) return reader.at_end();
        if (!reader.take(',')) return false;
    }
}

} // namespace mailctl
