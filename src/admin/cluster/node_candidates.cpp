// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/cluster/node_candidates.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/postgres.hpp"
#include "mailctl/site/site_state.hpp"
#include "sql_array.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

namespace {

struct CandidateColumns {
    std::vector<std::string> domain, local, messages, bytes, first, last, sender, subject;
};

// Senders and subjects are the peer's bytes: the database takes text.
void add_candidate(CandidateColumns& columns, const CandidateRecord& candidate) {
    columns.domain.push_back(candidate.name.domain.text());
    columns.local.push_back(candidate.name.local.key());
    columns.messages.push_back(std::to_string(candidate.messages));
    columns.bytes.push_back(std::to_string(candidate.bytes.bytes));
    columns.first.push_back(format_rfc3339(candidate.first));
    columns.last.push_back(format_rfc3339(candidate.last));
    columns.sender.push_back(printable(candidate.last_sender));
    columns.subject.push_back(printable(candidate.last_subject));
}

Result<CandidateColumns> candidates_here(const SiteView& view) {
    CandidateColumns columns;
    TRY_ASSIGN(const auto exists, find_stamp(view.paths().state));
    if (!exists) return columns;
    auto state = state_to_read(view);
    TRY_ASSIGN(auto all, quiet_candidates(state, Instant::max()));
    std::ranges::sort(all, {}, [](const CandidateRecord& candidate) { return candidate.name.key(); });
    for (const auto& candidate : all)
        add_candidate(columns, candidate);
    return columns;
}

std::string digest_of(const CandidateColumns& columns) {
    std::string bytes;
    for (const auto* column : {&columns.domain, &columns.local, &columns.messages, &columns.bytes, &columns.first,
                               &columns.last, &columns.sender, &columns.subject})
        bytes += sql_array(*column);
    return digest(bytes);
}

Result<CandidateRecord> candidate_of_row(const PostgresRow& row) {
    TRY_ASSIGN(const auto first, parse_rfc3339(row.text(4)));
    TRY_ASSIGN(const auto last, parse_rfc3339(row.text(5)));
    CandidateRecord candidate{
        {LocalPart::from_trusted(std::string(row.text(1))), DomainName::from_trusted(std::string(row.text(0)))},
        first,
        last,
        0,
        {},
        {},
        {}};
    candidate.messages = static_cast<std::uint64_t>(row.integer(2));
    candidate.bytes.bytes = static_cast<std::uint64_t>(row.integer(3));
    candidate.last_sender = row.text(6);
    candidate.last_subject = row.text(7);
    return candidate;
}

} // namespace

Status report_candidates(const SiteView& view, const std::string& node, std::string& known) {
    TRY_ASSIGN(const auto columns, candidates_here(view));
    auto now = digest_of(columns);
    if (now == known) return {};
    TRY_ASSIGN(auto connection, Postgres::open(view.site().publish.database, Postgres::For::writing));
    TRY(connection.run("begin"));
    const std::vector<SqlValue> one{node};
    TRY(connection.run("delete from mailctl.candidate where node = $1", one));
    const std::vector<SqlValue> values{node,
                                       sql_array(columns.domain),
                                       sql_array(columns.local),
                                       sql_array(columns.messages),
                                       sql_array(columns.bytes),
                                       sql_array(columns.first),
                                       sql_array(columns.last),
                                       sql_array(columns.sender),
                                       sql_array(columns.subject)};
    TRY(connection.run("insert into mailctl.candidate (node, domain, local, messages, bytes, first, last, sender, "
                       "subject) select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], "
                       "$6::text[], $7::text[], $8::text[], $9::text[])",
                       values));
    TRY(connection.run("commit"));
    known = std::move(now);
    return {};
}

Result<CandidatesByDomain> candidates_on_nodes(const SiteView& view, std::span<const Domain* const> domains) {
    std::vector<std::string> nodes, names;
    for (const auto* domain : domains) {
        if (domain->node.empty()) continue;
        nodes.push_back(domain->node);
        names.push_back(domain->name.text());
    }
    CandidatesByDomain found;
    const auto& database = view.site().publish.database;
    if (names.empty() || database.empty()) return found;
    TRY_ASSIGN(auto connection, Postgres::open(database, Postgres::For::reading));
    const std::vector<SqlValue> values{sql_array(nodes), sql_array(names)};
    TRY(connection.each("select domain, local, messages, bytes, first, last, sender, subject from mailctl.candidate "
                        "join unnest($1::text[], $2::text[]) as asked(node, domain) using (node, domain) order by "
                        "domain, local collate \"C\"",
                        values, [&](const PostgresRow& row) -> Status {
                            TRY_ASSIGN(auto candidate, candidate_of_row(row));
                            found[candidate.name.domain].push_back(std::move(candidate));
                            return {};
                        }));
    return found;
}

} // namespace mailctl
