// SPDX-License-Identifier: Apache-2.0
// Typed reading of one table; see fields.hpp. Messages name what stands there, remedies what to write instead.
#include "fields.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace mailctl {
namespace {

const Node empty_table;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::optional<unsigned> to_unsigned(const std::string& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

} // namespace

void Findings::add(Place place, std::string key, std::string message, std::string remedy) {
    diagnostics_.push_back({file_, place, std::move(key), std::move(message), std::move(remedy)});
}

std::vector<Diagnostic> Findings::sorted() const {
    auto sorted = diagnostics_;
    std::ranges::stable_sort(sorted, [](const Diagnostic& a, const Diagnostic& b) {
        return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    return sorted;
}

Fields::Fields(const Node& table, KeyPath path, Findings& findings)
    : table_(&table), path_(std::move(path)), findings_(&findings) {
    if (table.is(Node::Kind::table)) return;
    findings_->add(table.place, format_key_path(path_), fmt::format("must be a table, not {}", kind_name(table.kind)),
                   fmt::format("write it as [{}]", format_key_path(path_)));
    table_ = &empty_table;
}

const Node* Fields::node(std::string_view key) {
    constexpr std::size_t many_keys = 32; // an account's table is asked for so many, and there are millions
    if (known_.empty()) known_.reserve(many_keys);
    known_.emplace_back(key);
    return table_->find(key);
}

std::string Fields::path_of(std::string_view key) const {
    auto path = path_;
    path.emplace_back(key);
    return format_key_path(path);
}

const Node* Fields::expect(std::string_view key, Node::Kind kind, std::string_view wanted) {
    const Node* value = node(key);
    if (!value || value->is(kind)) return value;
    refuse(key, value->place, fmt::format("must be {}, not {}", wanted, kind_name(value->kind)));
    return nullptr;
}

void Fields::refuse(std::string_view key, Place place, std::string message, std::string remedy) {
    findings_->add(place, path_of(key), std::move(message), std::move(remedy));
}

void Fields::refuse_choice(std::string_view key, const Node& value, const std::vector<std::string>& names) {
    const auto near = nearest(value.text, names);
    refuse(key, value.place, fmt::format("unknown value '{}'", printable(value.text)),
           near ? fmt::format("did you mean '{}'?", *near) : fmt::format("use one of: {}", join(names, ", ")));
}

void Fields::text(std::string_view key, std::string& out) {
    const Node* value = expect(key, Node::Kind::string, "a string");
    if (!value) return;
    if (std::ranges::any_of(value->text, is_control))
        return refuse(key, value->place, "holds a line break or another control character", "write it on one line");
    out = value->text;
}

void Fields::block(std::string_view key, std::string& out) {
    const Node* value = expect(key, Node::Kind::string, "a string");
    if (!value) return;
    if (value->text.find('\0') != value->text.npos) return refuse(key, value->place, "holds a NUL character");
    out = value->text;
}

void Fields::flag(std::string_view key, bool& out) {
    if (const Node* value = expect(key, Node::Kind::boolean, "true or false")) out = value->text == "true";
}

void Fields::number(std::string_view key, unsigned& out, unsigned least) {
    const Node* value = expect(key, Node::Kind::integer, "a whole number");
    if (!value) return;
    const auto number = to_unsigned(value->text);
    if (!number || *number < least)
        return refuse(key, value->place, fmt::format("'{}' is out of range", value->text),
                      fmt::format("use a number from {} to {}", least, std::numeric_limits<unsigned>::max()));
    out = *number;
}

void Fields::size(std::string_view key, ByteCount& out) {
    const Node* value = node(key);
    if (!value) return;
    constexpr std::string_view remedy = "write a size such as \"2 GiB\" or \"500 MiB\"; 0 or no key at all is no limit";
    if (!value->is(Node::Kind::string) && !value->is(Node::Kind::integer))
        return refuse(key, value->place, fmt::format("must be a size, not {}", kind_name(value->kind)),
                      std::string(remedy));
    const auto size = parse_size(value->text);
    if (!size) return refuse(key, value->place, size.error().what, std::string(remedy));
    out = *size;
}

void Fields::age(std::string_view key, Age& out) {
    const Node* value = expect(key, Node::Kind::string, "a string such as \"7d\"");
    if (!value) return;
    const auto age = parse_age(value->text);
    if (!age) return refuse(key, value->place, age.error().what, "write a time such as \"90s\", \"12h\" or \"7d\"");
    out = *age;
}

void Fields::date(std::string_view key, std::optional<Date>& out) {
    const Node* value = node(key);
    if (!value) return;
    constexpr std::string_view remedy = "write a date such as 2026-12-31";
    if (!value->is(Node::Kind::date) && !value->is(Node::Kind::string))
        return refuse(key, value->place, fmt::format("must be a date, not {}", kind_name(value->kind)),
                      std::string(remedy));
    const auto date = parse_date(value->text);
    if (!date) return refuse(key, value->place, date.error().what, std::string(remedy));
    out = *date;
}

std::vector<const Node*> Fields::strings(std::string_view key) {
    std::vector<const Node*> strings;
    const Node* value = expect(key, Node::Kind::array, "an array of strings");
    if (!value) return strings;
    for (const auto& element : value->elements) {
        if (element.is(Node::Kind::string))
            strings.push_back(&element);
        else
            refuse(key, element.place, fmt::format("must hold strings only, not {}", kind_name(element.kind)),
                   "put each element in quotes");
    }
    return strings;
}

void Fields::refuse_unknown() {
    for (const auto& [key, value] : table_->entries) {
        if (std::ranges::find(known_, key) != known_.end()) continue;
        const auto near = nearest(key, known_);
        auto remedy =
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("known here: {}", join(known_, ", "));
        if (!near && value.is(Node::Kind::table) && path_.size() == 2)
            remedy = fmt::format("a name that holds a dot needs quotes: [{}.{}]", format_key(path_[0]),
                                 format_key(path_[1] + '.' + key));
        refuse(key, value.key_place, fmt::format("unknown key '{}'", printable(key)), std::move(remedy));
    }
}

} // namespace mailctl
