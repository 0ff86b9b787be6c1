// SPDX-License-Identifier: Apache-2.0
// Value: what an edit writes into a configuration file, and how it is spelled in TOML.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mailctl {

// A key path: {"mailbox", "paul.m", "quota"}; parts are unquoted.
using KeyPath = std::vector<std::string>;

// A TOML local date, written bare: 2026-12-31.
struct DateLiteral {
    std::string text;
    bool operator==(const DateLiteral&) const = default;
};
struct InlineTable; // for keys such as `unknown` and `suspend`
using Value = std::variant<bool, long long, std::string, DateLiteral, std::vector<std::string>, InlineTable>;
struct InlineTable {
    std::vector<std::pair<std::string, Value>> entries;
    bool operator==(const InlineTable&) const;
};

// How a value is written in TOML: strings as basic strings with escapes, arrays on one line, keys quoted only if
// needed.
[[nodiscard]] std::string format_value(const Value& value);
[[nodiscard]] std::string format_key(std::string_view key);
[[nodiscard]] std::string format_key_path(const KeyPath& path);

} // namespace mailctl
