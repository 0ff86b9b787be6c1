// SPDX-License-Identifier: Apache-2.0
// See splice.hpp. Positions come from the layout scanner, which steps over strings and comments.
#include "splice.hpp"

#include "layout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {
namespace {

bool is_indentation(std::string_view text) { return text.find_first_not_of(" \t") == text.npos; }

struct Element {
    Span span;
    bool has_comma = false; // behind it
    std::size_t behind = 0; // offset behind the element and its comma
    bool has_line = false;  // nothing but blanks before it on its line, and not the line of the bracket
    bool ends_line = false; // nothing but blanks and a comment behind it on its line
};

Element element_at(std::string_view array, Span span) {
    Element element{.span = span};
    const auto next = skip_trivia(array, span.end);
    element.has_comma = array[next] == ',';
    element.behind = element.has_comma ? next + 1 : span.end;
    const auto line = line_around(array, span.begin);
    element.has_line = line.begin > 0 && is_indentation(array.substr(line.begin, span.begin - line.begin));
    const auto rest = array.find_first_not_of(" \t", element.behind);
    element.ends_line = rest != array.npos && (array[rest] == '#' || array[rest] == '\r' || array[rest] == '\n');
    return element;
}

void erase_comma_behind(std::string& text, std::string_view array, Span element) {
    const auto comma = element_at(array, element);
    if (comma.has_comma) text.erase(comma.behind - 1, 1);
}

std::string into_empty(std::string_view array, std::string_view element, std::string_view line_end) {
    if (array.find('#') == array.npos) return fmt::format("[{}]", element);
    // A comment ends with its line, so the bracket stands on a line of its own.
    const auto line = line_around(array, array.size() - 1);
    const auto indent = array.substr(line.begin, array.size() - 1 - line.begin);
    std::string text(array);
    return text.insert(line.begin, fmt::format("{}    {},{}", indent, element, line_end));
}

} // namespace

std::string with_element(std::string_view array, std::string_view element, std::string_view line_end) {
    const auto spans = scan_elements(array, {0, array.size()});
    if (spans.empty()) return into_empty(array, element, line_end);
    const auto last = element_at(array, spans.back());
    std::string text(array);
    if (!last.has_line) return text.insert(last.span.end, fmt::format(", {}", element));
    const auto line = line_around(array, last.span.begin);
    const auto indent = array.substr(line.begin, last.span.begin - line.begin);
    if (!last.ends_line) { // the closing bracket stands behind it
        if (last.has_comma) return text.insert(last.behind, fmt::format("{}{}{},", line_end, indent, element));
        return text.insert(last.behind, fmt::format(",{}{}{}", line_end, indent, element));
    }
    text.insert(line_around(array, last.behind).end,
                fmt::format("{}{}{}{}", indent, element, last.has_comma ? "," : "", line_end));
    if (!last.has_comma) text.insert(last.span.end, ",");
    return text;
}

std::string with_element_at(std::string_view array, std::size_t index, std::string_view element,
                            std::string_view line_end) {
    const auto next = element_at(array, scan_elements(array, {0, array.size()})[index]);
    std::string text(array);
    if (!next.has_line) return text.insert(next.span.begin, fmt::format("{}, ", element));
    const auto line = line_around(array, next.span.begin);
    const auto indent = array.substr(line.begin, next.span.begin - line.begin);
    return text.insert(line.begin, fmt::format("{}{},{}", indent, element, line_end));
}

std::string with_other_element(std::string_view array, std::size_t index, std::string_view element) {
    const auto span = scan_elements(array, {0, array.size()})[index];
    return std::string(array).replace(span.begin, span.end - span.begin, element);
}

std::size_t count_elements(std::string_view array) { return scan_elements(array, {0, array.size()}).size(); }

std::string without_element(std::string_view array, std::size_t index) {
    const auto spans = scan_elements(array, {0, array.size()});
    const auto element = element_at(array, spans[index]);
    const bool is_last = index + 1 == spans.size();
    std::string text(array);
    const auto erase = [&](std::size_t begin, std::size_t end) { text.erase(begin, end - begin); };
    const auto on_one_line = [&](std::size_t begin, std::size_t end) {
        return array.substr(begin, end - begin).find('\n') == array.npos;
    };
    // The comma before it stays only where the layout has a comma behind every element.
    const bool frees_comma = is_last && index > 0 && !element.has_comma;
    if (element.has_line && element.ends_line) {
        erase(line_around(array, element.span.begin).begin, line_around(array, element.behind).end);
        if (frees_comma) erase_comma_behind(text, array, spans[index - 1]);
    } else if (!is_last && on_one_line(element.span.begin, spans[index + 1].begin)) {
        erase(element.span.begin, spans[index + 1].begin);
    } else if (is_last && index > 0 && on_one_line(spans[index - 1].end, element.span.begin)) {
        erase(spans[index - 1].end, element.span.end);
    } else {
        erase(element.span.begin, array.find_first_not_of(" \t", element.behind));
        if (frees_comma) erase_comma_behind(text, array, spans[index - 1]);
    }
    if (spans.size() == 1 && text.find('#') == text.npos) return "[]";
    return text;
}

std::string with_entry(std::string_view table, std::string_view entry) {
    const auto entries = scan_entries(table, {0, table.size()});
    std::string text(table);
    if (entries.empty()) return text.insert(1, fmt::format(" {}{}", entry, table.size() == 2 ? " " : ""));
    return text.insert(entries.back().whole.end, fmt::format(", {}", entry));
}

std::string without_entry(std::string_view table, std::size_t index) {
    const auto entries = scan_entries(table, {0, table.size()});
    if (entries.size() == 1) return "{}";
    const bool is_last = index + 1 == entries.size();
    const auto begin = is_last ? entries[index - 1].whole.end : entries[index].whole.begin;
    const auto end = is_last ? entries[index].whole.end : entries[index + 1].whole.begin;
    std::string text(table);
    return text.erase(begin, end - begin);
}

} // namespace mailctl
