// SPDX-License-Identifier: Apache-2.0
// Rows of the compiled directory as bytes: compact, versioned, length-prefixed. Pure. The decoder trusts nothing it
// reads: a damaged row is an Error of kind temporary (mail waits), never a crash, a guess or an address with control
// bytes.
#pragma once

#include "mailctl/routing/lookup.hpp"
#include "mailctl/routing/mentions.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailctl {

// Any change of the layout below, or of what rows there are, counts this up: an agent never misreads another version's
// rows.
inline constexpr std::uint32_t directory_schema = 7;

[[nodiscard]] std::string
encode_domain(const DomainEntry& entry); // without relation: that belongs to the name asked for
[[nodiscard]] Result<DomainEntry> decode_domain(std::string_view record);
[[nodiscard]] std::string encode_name(const NameEntry& entry);
[[nodiscard]] Result<NameEntry> decode_name(std::string_view record);
[[nodiscard]] std::string encode_responder(const ResponderEntry& entry);
[[nodiscard]] Result<ResponderEntry> decode_responder(std::string_view record);
[[nodiscard]] std::string encode_ban(BanAnswer answer);
[[nodiscard]] Result<BanAnswer> decode_ban(std::string_view record);
[[nodiscard]] std::string encode_mentions(const std::vector<Mention>& mentions);
[[nodiscard]] Result<std::vector<Mention>> decode_mentions(std::string_view record);
[[nodiscard]] std::string encode_site(const Site& site);
[[nodiscard]] Result<Site> decode_site(std::string_view record);

} // namespace mailctl
