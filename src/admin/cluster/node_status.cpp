// SPDX-License-Identifier: Apache-2.0
#include "mailctl/admin/cluster/node_status.hpp"

#include "mailctl/change/look_ups.hpp"
#include "move_tables.hpp"

namespace mailctl {
namespace {

constexpr const char* select_status =
    "with newest as (select coalesce(max(id), 0) as id from mailctl.generation) "
    "select coalesce(n.name, s.name), coalesce(s.front, false), s.generation, newest.id - coalesce(s.generation, 0), "
    "s.error, s.version, to_char(s.pulled_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
    "from (select name from mailctl.node where not deleted) n full join mailctl.node_status s on s.name = n.name "
    "cross join newest where n.name is not null or s.front order by 2, 1";

Cells status_row(const PostgresRow& row) {
    const auto text = [&](int column) {
        return row.text(column).empty() ? CellValue{} : CellValue{std::string(row.text(column))};
    };
    return {{"id", std::string(row.text(0))},
            {"front", row.flag(1), false, false},
            {"generation", row.is_null(2) ? CellValue{} : CellValue{row.integer(2)}},
            {"lag", row.integer(3)},
            {"error", text(4)},
            {"version", text(5)},
            {"at", text(6)}};
}

} // namespace

Result<Report> show_node_status(const World& world) {
    return read_site(world, [](const SiteView& view) -> Result<Report> {
        const auto& database = view.site().publish.database;
        if (database.empty())
            return fail(ErrorKind::conflict, "the site names no database that nodes report to",
                        "mailctl config set publish.database='host=... dbname=...'");
        TRY_ASSIGN(auto connection, Postgres::open(database, Postgres::For::reading));
        Report report = report_of("node_status");
        TRY(connection.each(select_status, {}, [&](const PostgresRow& row) -> Status {
            report.rows.push_back(status_row(row));
            return {};
        }));
        TRY_ASSIGN(const auto board, MoveBoard::read(connection));
        report.notes = board.lines();
        return report;
    });
}

} // namespace mailctl
