// SPDX-License-Identifier: Apache-2.0
#include "directory_reader.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace mailctl {
namespace {

constexpr std::string_view select_rows = "select d.name, e.local, e.kind, e.payload, e.deleted from mailctl.entry e "
                                         "join mailctl.domain d on d.id = e.domain where e.node = $1::int ";

Status take_row(const PostgresRow& row, const DirectoryReader::RowTaker& take) {
    const auto kind = row.text(2);
    FetchedRow fetched{std::string(row.text(0)),
                       {std::string(row.text(1)), static_cast<RowKind>(kind.empty() ? '?' : kind.front()), {}},
                       row.flag(4)};
    TRY_ASSIGN(fetched.row.payload, row.bytes(3));
    return take(std::move(fetched));
}

struct SeenGeneration { // what the database says of the one that was fetched last
    std::string sha256;
    bool is_old = false;
};

} // namespace

Result<DirectoryReader> DirectoryReader::open(const std::string& database) {
    TRY_ASSIGN(auto connection, Postgres::open(database, Postgres::For::reading));
    return DirectoryReader(std::move(connection));
}

Result<DirectoryNews> DirectoryReader::begin(const GenerationBook& book) {
    TRY(connection_.run("begin isolation level repeatable read read only"));
    DirectoryNews news;
    TRY(connection_.each("select id, sha256 from mailctl.generation order by id desc limit 1", {},
                         [&](const PostgresRow& row) -> Status {
                             news.id = row.integer(0);
                             TRY_ASSIGN(news.sha256, row.bytes(1));
                             return {};
                         }));
    if (news.id < book.generation)
        return fail(
            ErrorKind::conflict,
            fmt::format("the database is at generation {}, and generation {} is in force here: an older state "
                        "of it was restored",
                        news.id, book.generation),
            "what is in force stays; publish the site anew on the administration host: mailctl publish says how");
    if (news.id == 0)
        return fail(ErrorKind::conflict, "nothing was published yet", "on the administration host: mailctl publish");
    std::optional<SeenGeneration> seen;
    const std::vector<SqlValue> values{book.generation};
    TRY(connection_.each("select sha256, at < now() - interval '30 days' from mailctl.generation where id = $1::bigint",
                         values, [&](const PostgresRow& row) -> Status {
                             seen.emplace();
                             seen->is_old = row.flag(1);
                             TRY_ASSIGN(seen->sha256, row.bytes(0));
                             return {};
                         }));
    const bool is_ours = seen && seen->sha256 == book.sha256;
    if (is_ours && (!seen->is_old || news.id == book.generation)) news.since = book.generation;
    return news;
}

Status DirectoryReader::end() { return connection_.run("rollback"); }

Result<std::int64_t> DirectoryReader::get_node(const std::string& name) {
    std::optional<std::int64_t> number;
    std::vector<std::string> names;
    TRY(connection_.each("select id, name from mailctl.node where not deleted", {},
                         [&](const PostgresRow& row) -> Status {
                             if (row.text(1) == name) number = row.integer(0);
                             names.emplace_back(row.text(1));
                             return {};
                         }));
    if (number) return *number;
    const auto near = nearest(name, names);
    return fail(ErrorKind::missing, fmt::format("no node '{}' is published", printable(name)),
                near ? fmt::format("did you mean '{}'?", *near) : "mailctl node list on the administration host");
}

Result<DirectorySettings> DirectoryReader::settings() {
    DirectorySettings settings;
    TRY(connection_.each("select payload, srs_digest from mailctl.settings", {}, [&](const PostgresRow& row) -> Status {
        settings.payload = row.text(0);
        TRY_ASSIGN(settings.srs_digest, row.bytes(1));
        return {};
    }));
    return settings;
}

Status DirectoryReader::rows(std::int64_t node, const DirectoryNews& news, const RowTaker& take) {
    const std::vector<SqlValue> values{node, news.since, news.id};
    const std::string which =
        news.is_whole() ? "and not e.deleted and e.generation > $2::bigint " : "and e.generation > $2::bigint ";
    return connection_.each(std::string(select_rows) + which +
                                "and e.generation <= $3::bigint order by d.name, e.local",
                            values, [&](const PostgresRow& row) { return take_row(row, take); });
}

Status DirectoryReader::rows_of(std::int64_t node, const std::string& domain, const RowTaker& take) {
    const std::vector<SqlValue> values{node, domain};
    return connection_.each(std::string(select_rows) + "and d.name = $2 and not e.deleted order by e.local", values,
                            [&](const PostgresRow& row) { return take_row(row, take); });
}

Result<std::map<std::string, std::string>> DirectoryReader::seals(std::int64_t node) {
    std::map<std::string, std::string> found;
    const std::vector<SqlValue> values{node};
    TRY(connection_.each("select d.name, substring(e.payload for 160) from mailctl.entry e join mailctl.domain d on "
                         "d.id = e.domain where e.node = $1::int and e.local = '' and not e.deleted",
                         values, [&](const PostgresRow& row) -> Status {
                             TRY_ASSIGN(const auto beginning, row.bytes(1));
                             found.emplace(row.text(0), std::string(seal_of(beginning)));
                             return {};
                         }));
    return found;
}

Status DirectoryReader::listen() { return connection_.run("listen mailctl_directory"); }

Status report_status(const std::string& database, const DirectoryStatus& status) {
    TRY_ASSIGN(auto connection, Postgres::open(database, Postgres::For::writing));
    const std::vector<SqlValue> values{
        status.name,  status.front ? "t" : "f", status.generation,          SqlValue::bytes(status.sha256),
        status.error, status.version,           status.compiled ? "t" : "f"};
    return connection.run(
        "insert into mailctl.node_status as s (name, front, generation, sha256, error, version, compiled_at) values "
        "($1, $2::bool, $3::bigint, $4::bytea, $5, $6, case when $7::bool then now() end) on conflict (name) do update "
        "set front = excluded.front, generation = excluded.generation, sha256 = excluded.sha256, error = "
        "excluded.error, version = excluded.version, pulled_at = now(), compiled_at = "
        "coalesce(excluded.compiled_at, s.compiled_at)",
        values);
}

void wait_for_news(std::unique_ptr<DirectoryReader>& reader, std::chrono::milliseconds time) {
    if (reader) {
        if (reader->wait(time)) return;
        reader.reset();
    }
    std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(5000)));
}

} // namespace mailctl
