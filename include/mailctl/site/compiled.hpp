// SPDX-License-Identifier: Apache-2.0
// The compiled directory from the administrator's side: the applied texts of domains made into its rows.
#pragma once

#include "mailctl/routing/changed_site.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/directory.hpp"

#include <cstdint>

namespace mailctl {

// What domains said before a change and say after it; without an entry where that has to be found out.
struct KnownDomains {
    ChangedDomains before, after;
    std::set<DomainName> parts;                // known in part only, the same part on both sides
    std::map<DomainName, std::string> digests; // of the texts after
};

// What a text of this domain says; nullopt for no text. invalid: it does not validate under the site's rules.
[[nodiscard]] Result<std::optional<Domain>> model_of(const SiteView& view, const DomainName& name,
                                                     const SourceText& text);
// Caller holds the site lock, and no view of this process has the directory open.
[[nodiscard]] Result<Directory> open_compiled(const SiteView& view);
// 0: nothing compiled yet.
[[nodiscard]] Result<std::uint64_t> generation_of(const Directory& directory, const Site& site);
// The applied texts of these domains (none: the domain is gone), and of all others too where the directory is new or
// its schema or rules changed, in one transaction. `known`: what some of the texts say; left as it is, but for parts
// where everything is to be compiled: they go.
[[nodiscard]] Status compile(const SiteView& view, Directory& directory, std::set<DomainName> names,
                             std::uint64_t generation, KnownDomains& known);
[[nodiscard]] Status compile(const SiteView& view, Directory& directory, std::set<DomainName> names,
                             std::uint64_t generation);
// Domains whose rows are not made from their applied text. Reads every applied text.
[[nodiscard]] Result<std::set<DomainName>> stale_domains(const SiteView& view, const Directory& directory);

} // namespace mailctl
