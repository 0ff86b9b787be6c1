// SPDX-License-Identifier: Apache-2.0
// The rows of the compiled directory, as keys and values, without a database: what a domain contributes, and where it
// stands. Every row of a domain can be found again from its name, so that a change touches its own rows only; two
// domains that claim the same other name keep a row each, and taking one away leaves the other's.
#pragma once

#include "mailctl/routing/lookup.hpp"
#include "mailctl/store/directory.hpp"
#include "row_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

[[nodiscard]] std::string head_key();
[[nodiscard]] std::string site_key();
[[nodiscard]] std::string sources_prefix();
[[nodiscard]] std::string source_key(const DomainName& domain);
// Rows of all domains that claim `asked`; the first one answers: the domain itself, then an alias, then an alternate
// name.
[[nodiscard]] std::string claims_prefix(const DomainName& asked);
[[nodiscard]] std::string claim_key(const DomainName& asked, DomainRelation relation, const DomainName& real);
[[nodiscard]] std::string banished_prefix(const DomainName& domain);   // a folded local part follows
[[nodiscard]] std::string responders_prefix(const DomainName& domain); // a folded local part follows
[[nodiscard]] std::string names_prefix(const DomainName& domain);      // a folded local part follows
// Rows of all domains that mention `asked`, by that name; the real name of who does follows.
[[nodiscard]] std::string mentions_key(const DomainName& asked, const DomainName& real);
[[nodiscard]] std::string mentions_prefix(const DomainName& asked);

struct Head { // what a reader looks at first
    std::uint32_t schema = 0;
    std::uint64_t generation = 0;
};
[[nodiscard]] std::string encode_head(const Head& head);
[[nodiscard]] std::optional<Head> decode_head(std::string_view value);

struct Claim { // a name that reaches a domain; its row has a value, the DomainEntry, only where the relation is
               // `itself`
    DomainName asked;
    DomainRelation relation;
};
struct Claimant {
    DomainName real;
    DomainRelation relation;
};
// What follows claims_prefix in the key of a row.
[[nodiscard]] Result<Claimant> parse_claimant(std::string_view key_rest);

// The source row: the stamp, and the claims and the domains mentioned, because those rows stand under other names.
struct SourceRow {
    SourceStamp source;
    std::vector<Claim> claims;
    std::vector<DomainName> mentioned = {};
};
[[nodiscard]] std::string encode_source(const SourceRow& row);
[[nodiscard]] Result<SourceRow> decode_source(std::string_view value);

[[nodiscard]] std::vector<Claim> claims_of(const Domain& domain, const std::optional<DomainName>& alternate_suffix);
[[nodiscard]] Rows claim_rows(const Domain& domain, const std::vector<Claim>& claims);
[[nodiscard]] Rows banished_rows(const Domain& domain); // exact names only
[[nodiscard]] Rows responder_rows(const Domain& domain);
[[nodiscard]] Rows name_rows(const Domain& domain);

} // namespace mailctl
