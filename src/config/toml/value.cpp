// SPDX-License-Identifier: Apache-2.0
// TOML spelling of values and keys (TOML 1.0, "Keys" and "String").
#include "mailctl/config/toml/value.hpp"

#include "scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

void append_escaped(std::string& out, char c) {
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\u{:04X}", byte);
        else
            out += c;
    }
}

std::string basic_string_of(std::string_view text) {
    std::string out = "\"";
    for (const char c : text)
        append_escaped(out, c);
    return out += '"';
}

struct Formatter {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(long long value) const { return std::to_string(value); }
    std::string operator()(const std::string& value) const { return basic_string_of(value); }
    std::string operator()(const DateLiteral& value) const { return value.text; }
    std::string operator()(const std::vector<std::string>& values) const {
        std::string out = "[";
        for (const auto& value : values)
            out += (out.size() > 1 ? ", " : "") + basic_string_of(value);
        return out += ']';
    }
    std::string operator()(const InlineTable& table) const {
        if (table.entries.empty()) return "{}";
        std::string out = "{ ";
        for (const auto& [key, value] : table.entries)
            out += (out.size() > 2 ? ", " : "") + format_key(key) + " = " + format_value(value);
        return out += " }";
    }
};

} // namespace

// Not defaulted: clang 14 does not survive the recursion through Value in its exception specification.
bool InlineTable::operator==(const InlineTable& other) const { return entries == other.entries; }

std::string format_value(const Value& value) { return std::visit(Formatter{}, value); }

std::string format_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, is_bare_in_key) ? std::string(key) : basic_string_of(key);
}

std::string format_key_path(const KeyPath& path) {
    std::string out;
    for (const auto& part : path)
        out += (out.empty() ? "" : ".") + format_key(part);
    return out;
}

} // namespace mailctl
