// SPDX-License-Identifier: Apache-2.0
// One macro at a time: letter, number of labels to keep, 'r' for reversed, delimiters.
#include "spf_macros.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/exchange/dns/record.hpp"

#include <algorithm>
#include <vector>

namespace mailctl {
namespace {

// RFC 7208 7.3: an IPv6 address as nibbles with dots.
std::string dotted_address(const std::string& address) {
    if (!is_ipv6(address)) return address;
    std::string nibbles = reversed_labels(address);
    std::ranges::reverse(nibbles);
    return nibbles;
}

std::string macro_value(char letter, const SpfMacroValues& values) {
    switch (letter) {
    case 's':
        return "postmaster@" + values.sender_domain;
    case 'l':
        return "postmaster";
    case 'o':
    case 'h':
        return values.sender_domain;
    case 'd':
        return values.domain;
    case 'i':
        return dotted_address(values.address);
    case 'v':
        return is_ipv6(values.address) ? "ip6" : "in-addr";
    default:
        return "unknown";
    }
}

// `macro`: what stands between the braces.
std::string expand_one(std::string_view macro, const SpfMacroValues& values) {
    if (macro.empty()) return {};
    std::string text = macro_value(fold(macro.substr(0, 1)).front(), values);
    macro.remove_prefix(1);
    std::size_t keep = 0;
    for (; !macro.empty() && macro.front() >= '0' && macro.front() <= '9' && keep < 1000; macro.remove_prefix(1))
        keep = keep * 10 + static_cast<std::size_t>(macro.front() - '0');
    const bool reversed = !macro.empty() && (macro.front() == 'r' || macro.front() == 'R');
    if (reversed) macro.remove_prefix(1);
    const std::string_view delimiters = macro.empty() ? "." : macro;
    std::ranges::replace_if(
        text, [&](char c) { return delimiters.contains(c); }, '.');
    std::vector<std::string> labels;
    for (const auto label : split(std::string_view(text), '.'))
        labels.emplace_back(label);
    if (reversed) std::ranges::reverse(labels);
    if (keep > 0 && keep < labels.size())
        labels.erase(labels.begin(), labels.end() - static_cast<std::ptrdiff_t>(keep));
    return join(labels, ".");
}

} // namespace

std::string expand_spf_macros(std::string_view text, const SpfMacroValues& values) {
    std::string expanded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
        const auto close = next == '{' ? text.find('}', i) : text.npos;
        if (close != text.npos) {
            expanded += expand_one(text.substr(i + 2, close - i - 2), values);
            i = close;
        } else if (next == '%' || next == '_' || next == '-') {
            expanded += next == '%' ? "%" : next == '_' ? " " : "%20";
            ++i;
        } else {
            expanded += text[i];
        }
    }
    return expanded;
}

} // namespace mailctl
