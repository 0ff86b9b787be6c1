// SPDX-License-Identifier: Apache-2.0
// Many rows go through a temporary table: COPY is the quickest way in, and one INSERT from there needs no statement for
// each row.
#include "published_tables.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

// Names hold neither commas nor braces nor quotes.
std::string array_text(const std::vector<std::string>& names) { return "{" + join(names, ",") + "}"; }

std::vector<std::string> names_of_array(std::string_view text) {
    std::vector<std::string> names;
    if (text.size() < 2) return names;
    for (const auto name : split(text.substr(1, text.size() - 2), ','))
        if (!name.empty()) names.emplace_back(name);
    return names;
}

std::string copied(std::initializer_list<std::string> values) {
    const std::vector<std::string> list(values);
    return join(list, "\t");
}

} // namespace

Result<PublishedTables> PublishedTables::open(const std::string& database) {
    TRY_ASSIGN(auto connection, Postgres::open(database, Postgres::For::writing));
    TRY(connection.run("begin"));
    TRY(connection.run("select pg_advisory_xact_lock(hashtext('mailctl.publish'))"));
    return PublishedTables(std::move(connection));
}

Result<PublishedGeneration> PublishedTables::generation() {
    PublishedGeneration last;
    TRY(connection_.each("select id, sha256 from mailctl.generation order by id desc limit 1", {},
                         [&](const PostgresRow& row) -> Status {
                             last.id = row.integer(0);
                             TRY_ASSIGN(last.sha256, row.bytes(1));
                             return {};
                         }));
    TRY(connection_.each("select coalesce(max(generation), 0) from mailctl.node_status", {},
                         [&](const PostgresRow& row) -> Status {
                             last.highest_seen = row.integer(0);
                             return {};
                         }));
    return last;
}

Result<std::map<std::string, PublishedDomain>> PublishedTables::domains(const std::set<std::string>* names) {
    std::map<std::string, PublishedDomain> found;
    const auto read = [&](const PostgresRow& row) -> Status {
        PublishedDomain domain{
            std::string(row.text(1)), row.flag(2), names_of_array(row.text(3)), std::string(row.text(4)), {}};
        TRY_ASSIGN(domain.hash, row.bytes(5));
        found.emplace(row.text(0), std::move(domain));
        return {};
    };
    const std::string select = "select d.name, n.name, d.split, d.aliases, d.unknown, d.hash from mailctl.domain d "
                               "left join mailctl.node n on n.id = d.node where not d.deleted";
    if (!names) {
        TRY(connection_.each(select, {}, read));
        return found;
    }
    const std::vector<SqlValue> values{array_text({names->begin(), names->end()})};
    TRY(connection_.each(select + " and d.name = any($1::text[])", values, read));
    return found;
}

Result<PublishedParts> PublishedTables::rows(const std::string& domain) {
    PublishedParts parts;
    const std::vector<SqlValue> values{domain};
    TRY(connection_.each("select n.name, e.local, e.kind, e.payload from mailctl.entry e join mailctl.node n "
                         "on n.id = e.node where e.node = any(array(select id from mailctl.node)) and e.domain = "
                         "(select id from mailctl.domain where name = $1) and not e.deleted",
                         values, [&](const PostgresRow& row) -> Status {
                             TRY_ASSIGN(auto payload, row.bytes(3));
                             const auto kind = row.text(2);
                             parts[std::string(row.text(0))].push_back(
                                 {std::string(row.text(1)), static_cast<RowKind>(kind.empty() ? '?' : kind.front()),
                                  std::move(payload)});
                             return {};
                         }));
    return parts;
}

Result<bool> PublishedTables::put_nodes(const MailNodes& nodes, std::int64_t generation) {
    bool changed = false;
    const auto note = [&](const PostgresRow&) -> Status {
        changed = true;
        return {};
    };
    std::vector<std::string> names;
    for (const auto& [name, node] : nodes) {
        names.push_back(name);
        const std::vector<SqlValue> values{
            name, node.lmtp, node.imap, node.mail, static_cast<std::int64_t>(node.state), generation};
        TRY(connection_.each(
            "insert into mailctl.node as n (name, lmtp, imap, mail, state, generation) values "
            "($1, $2, $3::inet, $4, $5::smallint, $6::bigint) on conflict (name) do update set lmtp = excluded.lmtp, "
            "imap = excluded.imap, mail = excluded.mail, state = excluded.state, generation = excluded.generation, "
            "deleted = false where (n.lmtp, n.imap, n.mail, n.state, n.deleted) is distinct from "
            "(excluded.lmtp, excluded.imap, excluded.mail, excluded.state, false) returning mailctl.add_partition(id)",
            values, note));
    }
    const std::vector<SqlValue> values{array_text(names), generation};
    TRY(connection_.each("update mailctl.node set deleted = true, generation = $2::bigint where not deleted and not "
                         "name = any($1::text[]) returning 1",
                         values, note));
    return changed;
}

Result<bool> PublishedTables::put_settings(const std::string& payload, const std::string& srs_digest,
                                           std::int64_t generation) {
    bool changed = false;
    const std::vector<SqlValue> values{payload, SqlValue::bytes(srs_digest), generation};
    TRY(connection_.each("insert into mailctl.settings as s (payload, srs_digest, generation) values ($1, $2::bytea, "
                         "$3::bigint) on conflict (one) do update set payload = excluded.payload, srs_digest = "
                         "excluded.srs_digest, generation = excluded.generation where (s.payload, s.srs_digest) is "
                         "distinct from (excluded.payload, excluded.srs_digest) returning 1",
                         values, [&](const PostgresRow&) -> Status {
                             changed = true;
                             return {};
                         }));
    return changed;
}

Status PublishedTables::put_domains(const std::map<std::string, PublishedDomain>& domains, std::int64_t generation) {
    TRY(connection_.run("create temporary table next_domain (name text, node text, split bool, aliases text[], "
                        "unknown text, hash bytea) on commit drop"));
    auto next = domains.begin();
    TRY(connection_.copy_in("copy next_domain from stdin", [&](std::string& line) {
        if (next == domains.end()) return false;
        const auto& [name, domain] = *next++;
        line = copied({name, Postgres::copy_text(domain.node), domain.split ? "t" : "f", array_text(domain.aliases),
                       domain.unknown, Postgres::copy_bytes(domain.hash)});
        return true;
    }));
    const std::vector<SqlValue> values{generation};
    return connection_.run(
        "insert into mailctl.domain (name, node, split, aliases, unknown, hash, generation) select d.name, n.id, "
        "d.split, d.aliases, d.unknown, d.hash, $1::bigint from next_domain d left join mailctl.node n on n.name = "
        "d.node on conflict (name) do update set node = excluded.node, split = excluded.split, aliases = "
        "excluded.aliases, unknown = excluded.unknown, hash = excluded.hash, generation = excluded.generation, "
        "deleted = false",
        values);
}

Status PublishedTables::delete_domains(const std::set<std::string>& names, std::int64_t generation) {
    const std::vector<SqlValue> values{array_text({names.begin(), names.end()}), generation};
    TRY(connection_.run("update mailctl.entry set deleted = true, payload = '', generation = $2::bigint where not "
                        "deleted and node = any(array(select id from mailctl.node)) and domain = any(array(select id "
                        "from mailctl.domain where name = any($1::text[])))",
                        values));
    return connection_.run("update mailctl.domain set deleted = true, generation = $2::bigint where not deleted and "
                           "name = any($1::text[])",
                           values);
}

Status PublishedTables::send_rows(const std::function<bool(ChangedRow&)>& next) {
    TRY(connection_.run("create temporary table next_entry (node text, domain text, local text, kind \"char\", payload "
                        "bytea, deleted bool) on commit drop"));
    ChangedRow changed;
    return connection_.copy_in("copy next_entry from stdin", [&](std::string& line) {
        if (!next(changed)) return false;
        const auto& [node, domain, row, deleted] = changed;
        line = copied({Postgres::copy_text(node), domain, Postgres::copy_text(row.local),
                       std::string(1, static_cast<char>(row.kind)), Postgres::copy_bytes(row.payload),
                       deleted ? "t" : "f"});
        return true;
    });
}

Status PublishedTables::put_sent_rows(std::int64_t generation) {
    const std::vector<SqlValue> values{generation};
    return connection_.run(
        "insert into mailctl.entry (node, domain, local, kind, payload, generation, deleted) select n.id, d.id, "
        "e.local, e.kind, e.payload, $1::bigint, e.deleted from next_entry e join mailctl.node n on n.name = e.node "
        "join mailctl.domain d on d.name = e.domain on conflict (node, domain, local) do update set kind = "
        "excluded.kind, payload = excluded.payload, generation = excluded.generation, deleted = excluded.deleted",
        values);
}

Status PublishedTables::commit(std::int64_t generation, const std::string& sha256, const std::string& actor) {
    TRY(connection_.run("delete from mailctl.entry where deleted and generation <= (select max(id) from "
                        "mailctl.generation where at < now() - interval '30 days')"));
    const std::vector<SqlValue> values{generation, SqlValue::bytes(sha256), actor};
    TRY(connection_.run("insert into mailctl.generation (id, sha256, actor) values ($1::bigint, $2::bytea, $3)",
                        values));
    const std::vector<SqlValue> number{std::to_string(generation)};
    TRY(connection_.run("select pg_notify('mailctl_directory', $1)", number));
    return connection_.run("commit");
}

} // namespace mailctl
