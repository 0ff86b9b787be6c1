// SPDX-License-Identifier: Apache-2.0
// Node: a TOML text as a plain tree of values with their places. What the rest of this floor reads instead of the
// parser library, so that only toml.cpp knows it. Refused before the parser sees it: NUL, invalid UTF-8, bottomless
// nesting.
#pragma once

#include "mailctl/config/toml/diagnostic.hpp"
#include "mailctl/config/toml/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct Node {
    enum class Kind {
        string,
        integer,
        real,
        boolean,
        date,
        time,
        table,
        array
    }; // date: a local date; time: all with a clock
    Kind kind = Kind::table;
    std::string
        text; // of a string its characters, of other scalars their canonical spelling; empty for table and array
    std::map<std::string, Node, std::less<>> entries; // table
    std::vector<Node> elements;                       // array
    Place key_place, place;                           // of the key, and of the value or (first) header

    [[nodiscard]] const Node* find(std::string_view key) const; // null when absent or not a table
    [[nodiscard]] bool is(Kind other) const { return kind == other; }
    [[nodiscard]] bool operator==(const Node& other) const; // values only, not places
};

[[nodiscard]] std::string_view kind_name(Node::Kind kind); // "a string", "a whole number", ... for messages
[[nodiscard]] Node node_of(const Value& value);

struct ParsedToml {
    Node root;
    std::vector<Diagnostic> diagnostics; // at most one: a text that is not TOML has no second error
};
// `manual`: the page that explains the file's keys, for the hint.
[[nodiscard]] ParsedToml parse_toml(std::string_view text, std::string_view file,
                                    std::string_view manual = "mailctl-domain.toml(5)");

} // namespace mailctl
