// SPDX-License-Identifier: Apache-2.0
// Domain names in their one stored form: lower-case A-labels. Plain ASCII names, nearly all of the agent's work, never
// reach the IDNA library; whatever the library answers is looked at again byte by byte.
#include "mailctl/model/domain_name.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <optional>

namespace mailctl {
namespace {

constexpr std::size_t max_name = 253, max_label = 63; // RFC 1035 2.3.4
constexpr std::size_t max_written = 1024;             // of a name in U-labels, before it is converted
constexpr std::string_view idna_prefix = "xn--";

struct FreeIdn2 {
    void operator()(void* memory) const { idn2_free(memory); }
};
template <class Char>
using Idn2Text = std::unique_ptr<Char, FreeIdn2>;

bool is_ascii(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool is_ldh(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

// Of a name of ours: the preferred syntax (RFC 1123 2.1).
bool is_own_label(std::string_view label) {
    return !label.empty() && label.size() <= max_label && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, is_ldh);
}

bool is_others_label(std::string_view label) {
    return !label.empty() && label.size() <= max_label &&
           std::ranges::all_of(label, [](char c) { return is_ldh(c) || c == '_'; });
}

// Folded ASCII: dot-separated labels, each as `is_label` wants it.
template <class IsLabel>
bool is_name(std::string_view name, IsLabel is_label) {
    if (name.size() > max_name) return false;
    while (true) {
        const auto dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool has_idna_label(std::string_view name) {
    return name.starts_with(idna_prefix) || name.find(".xn--") != std::string_view::npos;
}

// `rules`: flags of the library. IDN2_NONTRANSITIONAL is IDNA2008.
std::optional<std::string> to_a_labels(const std::string& name, int rules = IDN2_NONTRANSITIONAL) {
    std::uint8_t* answer = nullptr;
    const auto* input = reinterpret_cast<const std::uint8_t*>(name.c_str());
    const int status = idn2_lookup_u8(input, &answer, IDN2_NFC_INPUT | rules);
    const Idn2Text<std::uint8_t> owner(answer);
    if (status != IDN2_OK) return std::nullopt;
    return fold(reinterpret_cast<const char*>(answer));
}

std::optional<std::string> to_u_labels(const std::string& name) {
    char* answer = nullptr;
    const int status = idn2_to_unicode_8z8z(name.c_str(), &answer, 0);
    const Idn2Text<char> owner(answer);
    if (status != IDN2_OK) return std::nullopt;
    return std::string(answer);
}

// An A-label is one only if it comes back from its U-label (RFC 5890 2.3.2.1).
bool comes_back(const std::string& name) {
    const auto shown = to_u_labels(name);
    return shown && to_a_labels(*shown) == name;
}

// The library takes C strings, so a NUL must not get as far as that.
bool may_be_converted(std::string_view text) {
    const bool has_control = std::ranges::any_of(text, [](char c) { return (c >= 0 && c <= ' ') || c == 0x7F; });
    return !has_control && text.size() <= max_written && is_utf8(text);
}

// Absent: no name that we could have.
std::optional<std::string> own_form(std::string_view text) {
    if (is_ascii(text)) {
        auto name = fold(text);
        if (!is_name(name, is_own_label) || (has_idna_label(name) && !comes_back(name))) return std::nullopt;
        return name;
    }
    if (!may_be_converted(text)) return std::nullopt;
    auto name = to_a_labels(std::string(text));
    if (!name || !is_name(*name, is_own_label)) return std::nullopt;
    return name;
}

// What the rules before IDNA2008 read differently: sharp s, final sigma and the joiners.
bool has_deviation(std::string_view text) {
    constexpr std::array deviations = {"\u00DF", "\u1E9E", "\u03C2", "\u200C", "\u200D"};
    return std::ranges::any_of(deviations, [&](const char* each) { return text.find(each) != text.npos; });
}

// Symbols have A-labels by the rules before IDNA2008 only, and are registered and used by them; hyphens at the ends of
// a label pass only without the mapping of UTS 46.
std::optional<std::string> others_a_labels(const std::string& text) {
    if (auto name = to_a_labels(text)) return name;
    if (!has_deviation(text))
        if (auto name = to_a_labels(text, IDN2_TRANSITIONAL)) return name;
    return to_a_labels(text, IDN2_NO_TR46);
}

// Absent: no name that anybody could have.
std::optional<std::string> others_form(std::string_view text) {
    if (is_ascii(text)) {
        auto name = fold(text);
        if (!is_name(name, is_others_label)) return std::nullopt;
        return name;
    }
    if (!may_be_converted(text)) return std::nullopt;
    auto name = others_a_labels(std::string(text));
    if (!name || !is_name(*name, is_others_label)) return std::nullopt;
    return name;
}

std::optional<std::string> canonical_ip(int family, const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    std::array<char, INET6_ADDRSTRLEN> shown{};
    if (text.find('\0') != std::string::npos || inet_pton(family, text.c_str(), address.data()) != 1)
        return std::nullopt;
    inet_ntop(family, address.data(), shown.data(), shown.size());
    return std::string(shown.data());
}

Error not_a_name(std::string_view text) {
    return {ErrorKind::invalid, fmt::format("'{}' is not a domain name", printable(text)),
            text.size() > 1 && text.ends_with('.') ? "leave out the last dot" : "", 0};
}

} // namespace

Result<DomainName> DomainName::parse(std::string_view text) {
    auto name = own_form(text);
    if (!name) return fail(not_a_name(text));
    return DomainName(std::move(*name));
}

Result<DomainName> DomainName::parse_literal(std::string_view text) {
    constexpr std::string_view ipv6 = "ipv6:";
    if (text.starts_with('[') && text.ends_with(']')) {
        const auto inner = text.substr(1, text.size() - 2);
        if (equal_folded(inner.substr(0, ipv6.size()), ipv6)) {
            const auto ip = canonical_ip(AF_INET6, std::string(inner.substr(ipv6.size())));
            if (ip) return DomainName(fmt::format("[IPv6:{}]", *ip));
        } else if (const auto ip = canonical_ip(AF_INET, std::string(inner))) {
            return DomainName(fmt::format("[{}]", *ip));
        }
    }
    return fail(ErrorKind::invalid, fmt::format("'{}' is not an address literal", printable(text)));
}

DomainName DomainName::from_trusted(std::string text) {
    assert(!text.empty());
    return DomainName(std::move(text));
}

// U-labels are shown only where they lead back: another name must not be read out of them.
std::string DomainName::display() const {
    if (!has_idna_label(text_)) return text_;
    auto shown = to_u_labels(text_);
    return shown && others_form(*shown) == text_ ? std::move(*shown) : text_;
}

Result<DomainName> parse_others_domain(std::string_view text) {
    if (text.starts_with('[')) return DomainName::parse_literal(text);
    auto name = others_form(text);
    if (!name) return fail(not_a_name(text));
    return DomainName::from_trusted(std::move(*name));
}

} // namespace mailctl
