// SPDX-License-Identifier: Apache-2.0
// Answers as they come from the net (RFC 1035 3, 4), as values. Bytes are anybody's: what is not well formed is "".
#pragma once

#include "mailctl/base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

[[nodiscard]] std::optional<std::uint16_t> dns_type_number(std::string_view type); // of those that we ask for
[[nodiscard]] std::string dns_rcode_word(int rcode);                               // "NOERROR", "RCODE17"
// The data of one record, names in it uncompressed, as DnsRecord has its value.
[[nodiscard]] std::string value_of_rdata(std::string_view type, std::string_view bytes);
// Of the signatures in the answer section of a message, the end of the one that runs out first.
[[nodiscard]] std::optional<Instant> first_signature_end(std::string_view message);

} // namespace mailctl
