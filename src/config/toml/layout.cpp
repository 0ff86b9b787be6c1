// SPDX-License-Identifier: Apache-2.0
// Sections, statements, elements and entries as the scanner finds them.
#include "layout.hpp"

#include <algorithm>

namespace mailctl {
namespace {

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
    TomlScanner scanner(text, at);
    scanner.skip_trivia();
    return scanner.at();
}

Layout scan_layout(std::string_view text) {
    Layout layout;
    const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    TomlScanner scanner(text, mark);
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
            good = scanner.header(section.path, section.is_array);
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
    TomlScanner scanner(text, body.begin, body.end);
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
    TomlScanner(text, array.begin, array.end).array(0, &elements);
    return elements;
}

std::vector<Statement> scan_entries(std::string_view text, Span inline_table) {
    std::vector<Statement> entries;
    TomlScanner(text, inline_table.begin, inline_table.end).inline_table(0, &entries);
    return entries;
}

} // namespace mailctl
