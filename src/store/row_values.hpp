// SPDX-License-Identifier: Apache-2.0
// What a row of state.db says, made into types. The database is the mail user's, so each of its values may be anything
// (maildir/as_mail_user): nullopt is a value that none of our programs writes, and its row is to be skipped.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// As DomainName::text() and LocalPart::key() are stored; an address is both, as Address::key().
[[nodiscard]] std::optional<DomainName> stored_domain(const std::string& text);
[[nodiscard]] std::optional<LocalPart> stored_local_part(const std::string& text);
[[nodiscard]] std::optional<Address> stored_address(const std::string& text);

// From 1970 to the year 9999.
[[nodiscard]] std::optional<Instant> stored_instant(std::int64_t microseconds);
[[nodiscard]] std::optional<std::uint64_t> stored_count(std::int64_t number); // not negative

// The place of archived mail: ".archive/DOMAIN/NAME" below the mail root, or the absolute path of a packed file.
[[nodiscard]] std::optional<std::string> stored_archive(const std::string& text);

// Text of strangers, cut to `longest` bytes at a character's end.
[[nodiscard]] std::string bounded_text(std::string_view text, std::size_t longest);

} // namespace mailctl
