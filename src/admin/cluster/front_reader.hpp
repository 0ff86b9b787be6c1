// SPDX-License-Identifier: Apache-2.0
// What a front end reads of the published directory, within a transaction that DirectoryReader began: no row's payload
// but the answer of a banished name, so no password ever comes to a front end.
#pragma once

#include "directory_reader.hpp"
#include "mailctl/exchange/maps/front_maps.hpp"

#include <functional>
#include <set>

namespace mailctl {

[[nodiscard]] Result<FrontNodes> read_front_nodes(DirectoryReader& reader);
// Names of domains that changed since, also those that are no more.
[[nodiscard]] Result<std::set<std::string>> read_changed_domains(DirectoryReader& reader, const DirectoryNews& news);

// Domains with all their names, in the order of these; those of `among`, or all. `site`: addresses and alternate_suffix
// as published.
using FrontTaker = std::function<Status(FrontDomain)>;
[[nodiscard]] Status read_front_domains(DirectoryReader& reader, const Site& site, const std::set<std::string>* among,
                                        const FrontTaker& take);

} // namespace mailctl
