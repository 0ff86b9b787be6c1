// SPDX-License-Identifier: Apache-2.0
// Whole domains are compared with the rows there are; parts are compared with what they were.
#include "directory_writing.hpp"

#include "directory_rows.hpp"
#include "mailctl/routing/record.hpp"

#include <algorithm>
#include <set>

namespace mailctl {

Result<std::optional<SourceRow>> find_source_row(const RowReader& rows, const DomainName& domain) {
    TRY_ASSIGN(const auto value, rows.find(source_key(domain)));
    if (!value) return std::nullopt;
    TRY_ASSIGN(SourceRow row, decode_source(*value));
    return row;
}

namespace {

// The domains it mentions by now; `before`: those that the rows there are of.
Result<std::vector<DomainName>> write_mentions(RowWriter& rows, const Domain& domain,
                                               const std::vector<DomainName>& before) {
    const auto wanted = mentions_of(domain);
    for (const auto& name : before) {
        if (wanted.contains(name)) continue;
        TRY(rows.remove(mentions_key(name, domain.name)));
    }
    std::vector<DomainName> mentioned;
    for (const auto& [name, mentions] : wanted) {
        TRY(rows.put(mentions_key(name, domain.name), encode_mentions(mentions)));
        mentioned.push_back(name);
    }
    return mentioned;
}

// Of a part of a domain: what differs between before and after.
Status write_difference(RowWriter& rows, const Rows& before, const Rows& after) {
    for (const auto& [key, value] : before) {
        if (after.contains(key)) continue;
        TRY(rows.remove(key));
    }
    for (const auto& [key, value] : after) {
        const auto earlier = before.find(key);
        if (earlier != before.end() && earlier->second == value) continue;
        TRY(rows.put(key, value));
    }
    return {};
}

Result<std::vector<DomainName>> write_mention_difference(RowWriter& rows, const Domain& before, const Domain& after,
                                                         const std::vector<DomainName>& mentioned_before) {
    const auto earlier = mentions_of(before), later = mentions_of(after);
    std::set<DomainName> mentioned(mentioned_before.begin(), mentioned_before.end()), touched;
    for (const auto* side : {&earlier, &later})
        for (const auto& [name, unused] : *side)
            touched.insert(name);
    const auto of = [](const auto& side, const DomainName& name) {
        const auto found = side.find(name);
        return found == side.end() ? std::vector<Mention>() : found->second;
    };
    for (const auto& name : touched) {
        const auto gone = of(earlier, name), come = of(later, name);
        if (gone == come) continue;
        const auto key = mentions_key(name, after.name);
        TRY_ASSIGN(const auto row, rows.find(key));
        std::vector<Mention> kept, others;
        if (row) {
            TRY_ASSIGN(kept, decode_mentions(*row));
        }
        std::ranges::set_difference(kept, gone, std::back_inserter(others));
        std::vector<Mention> all;
        std::ranges::set_union(others, come, std::back_inserter(all));
        if (all.empty()) {
            TRY(rows.remove(key));
            mentioned.erase(name);
        } else {
            TRY(rows.put(key, encode_mentions(all)));
            mentioned.insert(name);
        }
    }
    return std::vector<DomainName>(mentioned.begin(), mentioned.end());
}

Status write_names(RowWriter& rows, const DomainChange& change, const Domain& domain) {
    if (change.part_before) {
        TRY(write_difference(rows, responder_rows(*change.part_before), responder_rows(domain)));
        return write_difference(rows, name_rows(*change.part_before), name_rows(domain));
    }
    TRY(rows.replace_rows(responders_prefix(change.name), responder_rows(domain)));
    return rows.replace_rows(names_prefix(change.name), name_rows(domain));
}

} // namespace

Status write_domain(RowWriter& rows, const DomainChange& change, const std::optional<DomainName>& alternate_suffix) {
    TRY_ASSIGN(const auto old, find_source_row(rows, change.name));
    std::vector<Claim> claims;
    if (change.domain) claims = claims_of(*change.domain, alternate_suffix);
    const Domain domain = change.domain.value_or(Domain(change.name)); // removed: as one without names
    const Rows claimed = claim_rows(domain, claims);
    for (const Claim& claim : old ? old->claims : std::vector<Claim>()) {
        const std::string key = claim_key(claim.asked, claim.relation, change.name);
        if (claimed.contains(key)) continue;
        TRY(rows.remove(key));
    }
    for (const auto& [key, value] : claimed) {
        TRY(rows.put(key, value));
    }
    const auto mentioned_before = old ? old->mentioned : std::vector<DomainName>();
    TRY_ASSIGN(auto mentioned, change.part_before
                                   ? write_mention_difference(rows, *change.part_before, domain, mentioned_before)
                                   : write_mentions(rows, domain, mentioned_before));
    TRY(rows.replace_rows(banished_prefix(change.name), banished_rows(domain)));
    TRY(write_names(rows, change, domain));
    if (!change.domain) return rows.remove(source_key(change.name));
    return rows.put(source_key(change.name), encode_source({change.source, claims, std::move(mentioned)}));
}

} // namespace mailctl
