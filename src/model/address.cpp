// SPDX-License-Identifier: Apache-2.0
// Addresses: one pass over the local part by a table of bytes, no allocation but the result's. Control bytes are
// refused here, once, so that nothing behind this door has to think of them.
#include "mailctl/model/address.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace mailctl {
namespace {

constexpr std::size_t max_local_part = 2048; // bytes, unquoted; RFC 5321 promises 64, MTAs let through what fits a line

// atext of RFC 5322 3.2.3, the dot between atoms, and the bytes of UTF-8 (RFC 6531 3.3).
constexpr auto unquoted_bytes = [] {
    std::array<bool, 256> allowed{};
    for (const char c : std::string_view("!#$%&'*+-/=?^_`{|}~."))
        allowed[static_cast<std::uint8_t>(c)] = true;
    for (std::size_t c = '0'; c <= '9'; ++c)
        allowed[c] = true;
    for (std::size_t c = 'A'; c <= 'Z'; ++c)
        allowed[c] = allowed[c + ('a' - 'A')] = true;
    for (std::size_t c = 0x80; c <= 0xFF; ++c)
        allowed[c] = true;
    return allowed;
}();

bool may_stand_unquoted(char c) { return unquoted_bytes[static_cast<std::uint8_t>(c)]; }

bool is_control(char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F; }

bool is_7bit(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<std::uint8_t>(c) >= 0x80; });
}

// Strict, unlike what parse() accepts: "a..b" must be quoted when it leaves us.
bool is_dot_string(std::string_view text) {
    return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, may_stand_unquoted);
}

// The content of a quoted-string, `text` being all of it with both quotes; absent if it does not end where `text` ends.
std::optional<std::string> unquote(std::string_view text) {
    if (text.size() < 2 || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string content;
    content.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') return std::nullopt;
        if (text[at] == '\\' && ++at == text.size()) return std::nullopt;
        if (is_control(text[at])) return std::nullopt;
        content += text[at];
    }
    return content;
}

std::optional<std::string> unquoted_bytes_of(std::string_view text) {
    if (text.starts_with('"')) return unquote(text);
    if (text.empty() || !std::ranges::all_of(text, may_stand_unquoted)) return std::nullopt;
    return std::string(text);
}

bool is_safe(std::string_view text) {
    return text.size() <= max_local_part && std::ranges::none_of(text, is_control) && is_utf8(text);
}

// A domain that is none by any rule, as it stands.
std::optional<DomainName> kept_as_it_stands(std::string_view text) {
    const auto is_harmful = [](char c) { return c == ' ' || std::string_view("<>()@,;=%!\"\\/").contains(c); };
    if (text.empty() || !is_safe(text) || !is_7bit(text) || std::ranges::any_of(text, is_harmful)) return std::nullopt;
    return DomainName::from_trusted(fold(text));
}

} // namespace

Result<LocalPart> LocalPart::parse(std::string_view text) {
    auto bytes = unquoted_bytes_of(text);
    if (!bytes || bytes->size() > max_local_part || !is_utf8(*bytes))
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a local part", printable(text)));
    return LocalPart(std::move(*bytes));
}

LocalPart LocalPart::from_trusted(std::string bytes) { return LocalPart(std::move(bytes)); }

std::string LocalPart::key() const { return fold(text_); }

std::string LocalPart::quoted() const {
    if (is_dot_string(text_)) return text_;
    std::string out = "\"";
    for (const char c : text_) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

bool LocalPart::is_ascii() const { return is_7bit(text_); }

Result<Address> Address::parse(std::string_view text) {
    // No domain holds an '@', so the last one divides even when a quoted local part has its own.
    const auto at = text.rfind('@');
    if (at == std::string_view::npos)
        return fail(ErrorKind::invalid, fmt::format("'{}' is not an address: no '@'", printable(text)));
    if (at == 0)
        return fail(ErrorKind::invalid, fmt::format("'{}' has no name before the '@'", printable(text)),
                    "write one address; mail for names that nobody has: mailctl catchall set DOMAIN ...");
    auto local = LocalPart::parse(text.substr(0, at));
    auto domain = parse_others_domain(text.substr(at + 1));
    if (!local)
        return fail(std::move(local).error().while_doing(fmt::format("'{}' is not an address", printable(text))));
    if (!domain)
        return fail(std::move(domain).error().while_doing(fmt::format("'{}' is not an address", printable(text))));
    return Address{std::move(*local), std::move(*domain)};
}

std::optional<DomainName> keep_domain(std::string_view text) {
    if (auto domain = parse_others_domain(text)) return std::move(*domain);
    return kept_as_it_stands(text);
}

Result<Address> keep_address(std::string_view text, const DomainName& host) {
    if (auto address = Address::parse(text)) return address;
    if (text.empty() || !is_safe(text))
        return fail(ErrorKind::invalid, fmt::format("'{}' cannot be an address", printable(text)));
    const auto at = text.rfind('@');
    auto domain = at == text.npos ? std::nullopt : keep_domain(text.substr(at + 1));
    if (!domain) return Address{LocalPart::from_trusted(std::string(text)), host};
    const auto written = text.substr(0, at);
    auto local = LocalPart::parse(written);
    return Address{local ? std::move(*local) : LocalPart::from_trusted(std::string(written)), std::move(*domain)};
}

std::string Address::text() const { return local.quoted() + '@' + domain.text(); }

std::string Address::display() const { return local.quoted() + '@' + domain.display(); }

std::string Address::key() const { return local.key() + '@' + domain.text(); }

std::string sender_text(const Sender& sender) { return sender ? sender->text() : std::string{}; }

} // namespace mailctl
