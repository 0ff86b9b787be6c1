// SPDX-License-Identifier: Apache-2.0
// NamedAddress: an address with the name of whom it belongs to, as it stands in a From field or in `from` of a domain
// file: "Paul <paul@example.com>".
#pragma once

#include "mailctl/model/address.hpp"

namespace mailctl {

struct NamedAddress {
    std::string name; // a person's, UTF-8; may be empty
    Address address;
    bool operator==(const NamedAddress&) const = default;
};

// "paul@example.com", "Paul B. <paul@example.com>", "\"B., Paul\" <paul@example.com>". invalid: no address, or text
// behind it.
[[nodiscard]] Result<NamedAddress> parse_named_address(std::string_view text);

} // namespace mailctl
