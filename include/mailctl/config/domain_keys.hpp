// SPDX-License-Identifier: Apache-2.0
// The keys of the table [domain] and of the tables below it: the one table that says which there are (specification 3).
#pragma once

#include "mailctl/config/key.hpp"

namespace mailctl {

using DomainKey = Key<Domain>;
using DomainKeyTable = KeyTable<Domain>;

[[nodiscard]] std::span<const DomainKey> domain_keys();
[[nodiscard]] std::span<const DomainKeyTable> domain_key_tables(); // [domain.dmarc], [domain.tls], [domain.limits]
// The names that KEY=VALUE takes for a domain and such a role may set: "limits.quota".
[[nodiscard]] std::vector<std::string> domain_setting_names(SetBy role = SetBy::site);

} // namespace mailctl
