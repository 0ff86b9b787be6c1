// SPDX-License-Identifier: Apache-2.0
// Each value is read and must then be what it would be written as: there is one form of each.
#include "row_values.hpp"

#include "mailctl/base/text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t longest_name = 255, longest_path = 4095; // of Linux, bytes

bool is_plain(std::string_view text) {
    return is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
           });
}

} // namespace

std::optional<DomainName> stored_domain(const std::string& text) {
    auto domain = DomainName::parse(text);
    if (!domain || domain->text() != text) return std::nullopt;
    return std::move(*domain);
}

std::optional<LocalPart> stored_local_part(const std::string& text) {
    if (text.size() > longest_name) return std::nullopt;
    auto local = LocalPart::parse(LocalPart::from_trusted(text).quoted());
    if (!local || local->key() != text) return std::nullopt;
    return std::move(*local);
}

std::optional<Address> stored_address(const std::string& text) {
    const auto at = text.rfind('@');
    if (at == std::string::npos) return std::nullopt;
    auto local = stored_local_part(text.substr(0, at));
    auto domain = stored_domain(text.substr(at + 1));
    if (!local || !domain) return std::nullopt;
    return Address{std::move(*local), std::move(*domain)};
}

std::optional<Instant> stored_instant(std::int64_t microseconds) {
    constexpr std::int64_t year_10000 = 253'402'300'800'000'000;
    if (microseconds < 0 || microseconds >= year_10000) return std::nullopt;
    return Instant(std::chrono::microseconds(microseconds));
}

std::optional<std::uint64_t> stored_count(std::int64_t number) {
    if (number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(number);
}

std::optional<std::string> stored_archive(const std::string& text) {
    if (text.size() > longest_path || !is_plain(text)) return std::nullopt;
    if (text.starts_with('/')) return text;
    const auto parts = split(text, '/');
    const bool is_place = parts.size() == 3 && parts[0] == ".archive" && stored_domain(std::string(parts[1])) &&
                          !parts[2].empty() && parts[2].size() <= longest_name && parts[2].front() != '.';
    return is_place ? std::optional(text) : std::nullopt;
}

std::string bounded_text(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return std::string(text);
    std::size_t end = longest;
    for (int back = 0; back < 3 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U; ++back)
        --end;
    return std::string(text.substr(0, end));
}

} // namespace mailctl
