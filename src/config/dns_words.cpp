// SPDX-License-Identifier: Apache-2.0
// Single words; each is taken whole or not at all.
#include "mailctl/config/dns_words.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace mailctl {
namespace {

std::optional<unsigned> caa_flags(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || number > 255) return std::nullopt;
    return number;
}

} // namespace

std::string mta_sts_mode_text(MtaStsMode mode) {
    switch (mode) {
    case MtaStsMode::off:
        return "off";
    case MtaStsMode::none:
        return "none";
    case MtaStsMode::testing:
        return "testing";
    case MtaStsMode::enforce:
        return "enforce";
    }
    return {};
}

std::optional<HostPort> parse_name_server(std::string_view text) {
    constexpr unsigned short dns_port = 53;
    if (is_ip_address(text)) return HostPort{std::string(text), dns_port};
    if (text.starts_with('[') && text.ends_with(']') && text.find(':') != text.npos &&
        is_ip_address(text.substr(1, text.size() - 2)))
        return HostPort{std::string(text.substr(1, text.size() - 2)), dns_port};
    auto server = parse_host_port(text);
    if (!server || !is_ip_address(server->host)) return std::nullopt;
    return server;
}

std::optional<CaaValue> parse_caa(std::string_view text) {
    text = trim(text);
    const auto tag_at = text.find(' ');
    const auto value_at = tag_at == text.npos ? text.npos : text.find(' ', text.find_first_not_of(' ', tag_at));
    if (value_at == text.npos) return std::nullopt;
    const auto flags = caa_flags(text.substr(0, tag_at));
    auto tag = fold(trim(text.substr(tag_at, value_at - tag_at)));
    auto value = trim(text.substr(value_at));
    const auto is_tag = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!flags || tag.empty() || !std::ranges::all_of(tag, is_tag)) return std::nullopt;
    const bool quoted = value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
    if (quoted) value = value.substr(1, value.size() - 2);
    const auto is_value = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    if (!std::ranges::all_of(value, is_value) || (!quoted && value.find(' ') != value.npos)) return std::nullopt;
    return CaaValue{*flags, std::move(tag), std::string(value)};
}

} // namespace mailctl
