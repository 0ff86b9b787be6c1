// SPDX-License-Identifier: Apache-2.0
// The one file that knows toml++. Its exceptions are off, so a syntax error is a value.
#include "mailctl/config/toml/toml.hpp"

#include "layout.hpp"
#include "mailctl/base/text.hpp"

namespace {
struct BrokenAssumption {};
[[noreturn]] void give_up() { throw BrokenAssumption{}; }
} // namespace
// toml++ 3.3 ends some malformed texts in an assertion (`a = 1979-05-27T[`). The scan keeps those it knows away; one
// that slips through is an error like any other, in builds without assertions too.
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : give_up())
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace mailctl {
namespace {

Place place_of(const toml::source_position& position) { return {position.line, position.column}; }

// The place of a byte, as the parser would count it.
Place place_at(std::string_view text, std::size_t at) {
    const auto before = text.substr(0, std::min(at, text.size()));
    const auto line_begin = before.rfind('\n') + 1; // npos + 1 == 0
    return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
            count_code_points(before.substr(line_begin)) + 1};
}

template <class T>
std::string streamed(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

Node convert(toml::node& from) {
    Node node;
    node.place = place_of(from.source().begin);
    if (auto* table = from.as_table()) {
        for (auto& [key, value] : *table) {
            auto& child = node.entries.emplace_hint(node.entries.end(), key.str(), convert(value))->second;
            child.key_place = place_of(key.source().begin);
        }
        table->clear(); // a large file is not held twice
        return node;
    }
    using Kind = Node::Kind;
    if (auto* array = from.as_array()) {
        node.kind = Kind::array;
        for (auto& value : *array)
            node.elements.push_back(convert(value));
    } else if (auto* string = from.as_string()) {
        node.kind = Kind::string;
        node.text = std::move(string->get());
    } else if (auto* integer = from.as_integer()) {
        node.kind = Kind::integer;
        node.text = std::to_string(integer->get());
    } else if (auto* real = from.as_floating_point()) {
        node.kind = Kind::real;
        node.text = fmt::format("{}", real->get());
    } else if (auto* boolean = from.as_boolean()) {
        node.kind = Kind::boolean;
        node.text = boolean->get() ? "true" : "false";
    } else if (auto* date = from.as_date()) {
        node.kind = Kind::date;
        node.text = streamed(date->get());
    } else if (auto* time = from.as_time()) {
        node.kind = Kind::time;
        node.text = streamed(time->get());
    } else if (auto* date_time = from.as_date_time()) {
        node.kind = Kind::time;
        node.text = streamed(date_time->get());
    }
    return node;
}

Diagnostic syntax_error(std::string_view file, Place place, std::string message) {
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z')
        message[0] = static_cast<char>(message[0] - 'A' + 'a');
    return {std::string(file), place, {}, printable(message), "correct the TOML syntax there"};
}

std::optional<Diagnostic> check_bytes(std::string_view text, std::string_view file) {
    if (const auto nul = text.find('\0'); nul != text.npos)
        return syntax_error(file, place_at(text, nul), "a NUL byte stands in the text");
    if (is_utf8(text)) return std::nullopt;
    std::size_t begin = 0; // of the first line that is not UTF-8
    while (is_utf8(line_around(text, begin).of(text)))
        begin = line_around(text, begin).end;
    for (std::size_t length = 1; length <= 4;) { // over its good code points
        if (!is_utf8(text.substr(begin, length))) {
            ++length;
        } else {
            begin += length;
            length = 1;
        }
    }
    return syntax_error(file, place_at(text, begin), "the text is not UTF-8 here");
}

std::optional<Diagnostic> parse_sound(std::string_view text, std::string_view file, Node& root) {
    try {
        auto result = toml::parse(text);
        if (result.failed())
            return syntax_error(file, place_of(result.error().source().begin),
                                std::string(result.error().description()));
        root = convert(result.table());
        return std::nullopt;
    } catch (const BrokenAssumption&) {
        return syntax_error(file, {}, "the text is not TOML");
    }
}

} // namespace

const Node* Node::find(std::string_view key) const {
    const auto entry = entries.find(key);
    return entry == entries.end() ? nullptr : &entry->second;
}

bool Node::operator==(const Node& other) const {
    return kind == other.kind && text == other.text && entries == other.entries && elements == other.elements;
}

std::string_view kind_name(Node::Kind kind) {
    switch (kind) {
    case Node::Kind::string:
        return "a string";
    case Node::Kind::integer:
        return "a whole number";
    case Node::Kind::real:
        return "a number with a fraction";
    case Node::Kind::boolean:
        return "true or false";
    case Node::Kind::date:
        return "a date";
    case Node::Kind::time:
        return "a time";
    case Node::Kind::table:
        return "a table";
    case Node::Kind::array:
        return "an array";
    }
    return "";
}

namespace {
struct NodeMaker {
    static Node scalar(Node::Kind kind, std::string text) {
        Node node;
        node.kind = kind;
        node.text = std::move(text);
        return node;
    }
    Node operator()(bool value) const { return scalar(Node::Kind::boolean, value ? "true" : "false"); }
    Node operator()(long long value) const { return scalar(Node::Kind::integer, std::to_string(value)); }
    Node operator()(const std::string& value) const { return scalar(Node::Kind::string, value); }
    Node operator()(const DateLiteral& value) const { return scalar(Node::Kind::date, value.text); }
    Node operator()(const std::vector<std::string>& values) const {
        Node node;
        node.kind = Node::Kind::array;
        for (const auto& value : values)
            node.elements.push_back((*this)(value));
        return node;
    }
    Node operator()(const InlineTable& table) const {
        Node node;
        for (const auto& [key, value] : table.entries)
            node.entries[key] = node_of(value);
        return node;
    }
};
} // namespace

Node node_of(const Value& value) { return std::visit(NodeMaker{}, value); }

namespace {

ParsedToml parse_text(std::string_view text, std::string_view file) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (const auto bad = check_bytes(text, file)) return {{}, {*bad}};
    // The parser sees only what the scan has understood: bottomless nesting would end it in a stack overflow.
    const auto layout = scan_layout(text);
    Node root;
    if (auto error = parse_sound(text.substr(0, layout.trouble ? layout.sound_end : text.size()), file, root))
        return {{}, {std::move(*error)}};
    if (layout.trouble) return {{}, {syntax_error(file, place_at(text, *layout.trouble), std::string(layout.reason))}};
    return {std::move(root), {}};
}

} // namespace

ParsedToml parse_toml(std::string_view text, std::string_view file, std::string_view manual) {
    auto parsed = parse_text(text, file);
    for (auto& diagnostic : parsed.diagnostics)
        diagnostic.remedy += fmt::format("; see {}", manual);
    return parsed;
}

} // namespace mailctl
