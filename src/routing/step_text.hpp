// SPDX-License-Identifier: Apache-2.0
// The words of a Plan's walk, as `mailctl explain` and the journal show them.
#pragma once

#include "mailctl/routing/lookup.hpp"

#include <string>

namespace mailctl {

[[nodiscard]] std::string relation_text(const DomainEntry& domain); // "alias of 'example.com'"
[[nodiscard]] std::string ban_text(const Ban& ban);                 // "'promo-*' = reject"
// `key` is the name that was asked for: "alias of mailbox 'paul'".
[[nodiscard]] std::string entry_text(const NameEntry& entry, const std::string& key);
[[nodiscard]] std::string texts(const std::vector<Address>& addresses); // "a@x.example, b@y.example"

} // namespace mailctl
