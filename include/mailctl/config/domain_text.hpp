// SPDX-License-Identifier: Apache-2.0
// The text of what is new in a domain file: a whole one, or an account. What exists is never written this way: it is
// edited (model_edits.hpp).
#pragma once

#include "mailctl/config/toml/edit.hpp"
#include "mailctl/model/domain_draft.hpp"

#include <string>

namespace mailctl {

// A commented header and the [domain] table of `domain`, with its sub-tables (no entities); keys at their default are
// left out. parse_domain of it gives `domain` without entities.
[[nodiscard]] std::string compose_domain(const Domain& domain);

// The tables of an account of `own`, its own first; none for an alias (it is a key of its mailbox) and a banished name
// (it is a key of a table that all of them share).
[[nodiscard]] std::vector<AddTable> account_tables(const std::string& local, const Account& account,
                                                   const DomainName& own, std::span<const SaidKey> said = {});
// The same as text for a file that has none of them yet; a banished name as its line.
[[nodiscard]] std::string compose_account(const Address& address, const Account& account);

} // namespace mailctl
