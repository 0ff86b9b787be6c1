// SPDX-License-Identifier: Apache-2.0
// Tag lists (RFC 6376 3.2).
#include "mailctl/exchange/dkim_record.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

using DkimTags = std::map<std::string, std::string, std::less<>>;

// nullopt: a tag stands twice, has no '=' or no name; then the whole list means nothing. v= has to come first.
std::optional<DkimTags> parse_dkim_tags(std::string_view text) {
    DkimTags tags;
    for (const auto part : split(text, ';')) {
        const auto tag = trim(part);
        if (tag.empty()) continue;
        const auto equals = tag.find('=');
        if (equals == tag.npos) return std::nullopt;
        const std::string name(trim(tag.substr(0, equals)));
        if (name.empty() || (name == "v" && !tags.empty())) return std::nullopt;
        if (!tags.emplace(name, trim(tag.substr(equals + 1))).second) return std::nullopt;
    }
    return tags;
}

std::string key_without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text;
}

// Whether a colon-separated list holds one of the two words.
bool lists_either(std::string_view list, std::string_view word, std::string_view other) {
    return std::ranges::any_of(split(list, ':'), [&](std::string_view part) {
        return equal_folded(trim(part), word) || equal_folded(trim(part), other);
    });
}

} // namespace

std::string dkim_label(std::string_view selector) { return fmt::format("{}._domainkey", selector); }

std::string dkim_record_text(const DkimSelector& selector) {
    if (selector.state == SelectorState::gone) return {};
    return fmt::format("v=DKIM1; k={}; p={}", algorithm_name(selector.algorithm),
                       selector.state == SelectorState::revoked ? "" : selector.public_key);
}

std::optional<DkimRecord> parse_dkim_record(std::string_view text) {
    const auto tags = parse_dkim_tags(text);
    if (!tags) return std::nullopt;
    const auto find = [&](std::string_view name) {
        const auto tag = tags->find(name);
        return tag == tags->end() ? std::optional<std::string>() : std::optional(tag->second);
    };
    const auto key = find("p");
    if (!key || find("v").value_or("DKIM1") != "DKIM1") return std::nullopt;
    DkimRecord record;
    record.public_key = key_without_blanks(*key);
    if (const auto algorithm = find("k")) record.algorithm = fold(*algorithm);
    if (const auto flags = find("t")) record.is_test = lists_either(*flags, "y", "y");
    if (const auto services = find("s")) record.signs_mail = lists_either(*services, "email", "*");
    if (const auto hashes = find("h")) record.takes_sha256 = lists_either(*hashes, "sha256", "sha256");
    return record;
}

bool is_same_key(const DkimRecord& found, const DkimRecord& wanted) {
    return found.public_key == wanted.public_key && (found.public_key.empty() || found.algorithm == wanted.algorithm);
}

} // namespace mailctl
