// SPDX-License-Identifier: Apache-2.0
// Reading tag lists; nothing is refused here, the rules say what is wrong.
#include "mailctl/exchange/dns/tags.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace mailctl {
namespace {

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const auto digits = text.substr(i + 1, 2);
        const bool is_code = text[i] == '%' && digits.size() == 2 &&
                             std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2;
        decoded += is_code ? static_cast<char>(byte) : text[i];
        if (is_code) i += 2;
    }
    return decoded;
}

} // namespace

const std::string* TagList::find(std::string_view name) const {
    for (const auto& [tag, text] : tags)
        if (tag == name) return &text;
    return nullptr;
}

std::string TagList::value(std::string_view name, std::string_view otherwise) const {
    const auto* found = find(name);
    return found ? *found : std::string(otherwise);
}

TagList parse_tags(std::string_view text) {
    TagList list;
    const auto parts = split(text, ';');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto part = trim(parts[i]);
        const auto equals = part.find('=');
        if (part.empty() && i + 1 == parts.size()) continue; // a last semicolon is allowed
        if (equals == part.npos || equals == 0)
            list.well_formed = false;
        else
            list.tags.emplace_back(fold(trim(part.substr(0, equals))), trim(part.substr(equals + 1)));
    }
    return list;
}

bool has_word(std::string_view list, std::string_view word) {
    return std::ranges::any_of(split(list, ':'), [&](auto part) { return equal_folded(trim(part), word); });
}

std::string without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

std::vector<std::string> with_version(std::span<const std::string> texts, std::string_view version) {
    const auto equals = version.find('=');
    std::vector<std::string> found;
    for (const auto& text : texts) {
        const auto list = parse_tags(text);
        if (!list.tags.empty() && list.tags.front().first == version.substr(0, equals) &&
            list.tags.front().second == version.substr(equals + 1))
            found.push_back(text);
    }
    return found;
}

std::vector<std::string> report_uris(std::string_view value) {
    std::vector<std::string> uris;
    for (const auto part : split(value, ',')) {
        const auto uri = trim(part);
        if (!uri.empty()) uris.push_back(percent_decoded(uri.substr(0, uri.find('!'))));
    }
    return uris;
}

} // namespace mailctl
