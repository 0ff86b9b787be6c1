// SPDX-License-Identifier: Apache-2.0
#include "postfix_table.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::string_view white_space = " \t\r\v\f";

bool is_white(char c) { return white_space.contains(c); }

// Where the first of `ends` stands outside double quotes.
std::size_t find_unquoted(std::string_view text, std::size_t at, std::string_view ends) {
    for (bool inside = false; at < text.size(); ++at) {
        if (text[at] == '\\' && inside && at + 1 < text.size())
            ++at;
        else if (text[at] == '"')
            inside = !inside;
        else if (!inside && ends.contains(text[at]))
            return at;
    }
    return text.size();
}

std::string_view trimmed_white(std::string_view text) {
    const auto first = text.find_first_not_of(white_space);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

PostfixEntry entry_of(std::string_view logical, std::size_t line) {
    const auto text = trimmed_white(logical);
    const auto end = find_unquoted(text, 0, white_space);
    PostfixEntry entry{line, std::string(text.substr(0, end)), std::string(trimmed_white(text.substr(end)))};
    if (is_white(logical.front()))
        entry.problem = "the line begins with white space and has none before it that it could continue";
    else if (entry.value.empty())
        entry.problem = "the line has an address and no target";
    else if (entry.key.ends_with(':'))
        entry.problem = "the address ends with a colon, as in a file of aliases(5)";
    return entry;
}

} // namespace

std::vector<PostfixEntry> read_postfix_table(std::string_view text) {
    std::vector<PostfixEntry> entries;
    std::string logical;
    std::size_t number = 0, first = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        const auto content = trimmed_white(line);
        if (content.empty() || content.starts_with('#')) continue;
        if (!is_white(line.front()) && !logical.empty()) {
            entries.push_back(entry_of(logical, first));
            logical.clear();
        }
        if (logical.empty()) first = number;
        logical += line;
    }
    if (!logical.empty()) entries.push_back(entry_of(logical, first));
    return entries;
}

std::vector<std::string_view> postfix_addresses(std::string_view value) {
    constexpr std::string_view ends = ", \t\r\v\f";
    std::vector<std::string_view> addresses;
    for (auto at = value.find_first_not_of(ends); at < value.size(); at = value.find_first_not_of(ends, at)) {
        const auto end = find_unquoted(value, at, ends);
        addresses.push_back(value.substr(at, end - at));
        at = end;
    }
    return addresses;
}

} // namespace mailctl
