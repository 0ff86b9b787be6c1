// SPDX-License-Identifier: Apache-2.0
#include "move_tables.hpp"

#include "sql_array.hpp"

#include <fmt/format.h>

namespace mailctl {

namespace {

std::string column_of(const std::vector<MovingMail>& moves, std::string MovingMail::*member) {
    std::vector<std::string> texts;
    for (const auto& move : moves)
        texts.push_back(move.*member);
    return sql_array(texts);
}

} // namespace

std::vector<MovingMail> moves_of(const Domain& domain) {
    std::vector<MovingMail> moves;
    if (const auto whole = move_of(domain)) moves.push_back({domain.name.text(), "", whole->source, whole->target});
    for (const auto& [local, mailbox] : domain.mailboxes)
        if (const auto move = move_of(domain, mailbox))
            moves.push_back({domain.name.text(), local, move->source, move->target});
    return moves;
}

Status put_moves(Postgres& connection, const std::set<std::string>& domains, const std::vector<MovingMail>& moves,
                 std::int64_t generation) {
    const std::vector<SqlValue> values{sql_array({domains.begin(), domains.end()}),
                                       column_of(moves, &MovingMail::domain), column_of(moves, &MovingMail::local),
                                       column_of(moves, &MovingMail::source), column_of(moves, &MovingMail::target)};
    TRY(connection.run("delete from mailctl.move m where m.domain = any($1::text[]) and not exists (select from "
                       "unnest($2::text[], $3::text[], $4::text[], $5::text[]) as n(domain, local, source, target) "
                       "where n.domain = m.domain and n.local = m.local and n.source = m.source and n.target = "
                       "m.target)",
                       values));
    TRY(connection.run("delete from mailctl.move_status s where not exists (select from mailctl.move m where m.domain "
                       "= s.domain and m.local = s.local)"));
    if (moves.empty()) return {};
    const std::vector<SqlValue> rows{values[1], values[2], values[3], values[4], generation};
    return connection.run("insert into mailctl.move (domain, local, source, target, generation) select domain, local, "
                          "source, target, $5::bigint from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as "
                          "n(domain, local, source, target) on conflict (domain, local) do nothing",
                          rows);
}

Result<std::vector<MovingMail>> read_moves(Postgres& connection) {
    std::vector<MovingMail> moves;
    TRY(connection.each("select domain, local, source, target, generation from mailctl.move order by domain, local", {},
                        [&](const PostgresRow& row) -> Status {
                            moves.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                             std::string(row.text(2)), std::string(row.text(3)), row.integer(4)});
                            return {};
                        }));
    return moves;
}

Result<std::map<ReportKey, MoveReported>> read_move_reports(Postgres& connection) {
    std::map<ReportKey, MoveReported> reports;
    TRY(connection.each(
        "select domain, local, node, generation, digest, error from mailctl.move_status", {},
        [&](const PostgresRow& row) -> Status {
            const auto text = [&](int column) { return std::string(row.text(column)); };
            reports.emplace(ReportKey{text(0), text(1), text(2)}, MoveReported{row.integer(3), text(4), text(5)});
            return {};
        }));
    return reports;
}

Result<std::vector<MachineReported>> read_front_ends(Postgres& connection) {
    std::vector<MachineReported> fronts;
    TRY(connection.each("select name, generation, extract(epoch from now() - pulled_at)::bigint from "
                        "mailctl.node_status where front order by name",
                        {}, [&](const PostgresRow& row) -> Status {
                            fronts.push_back({std::string(row.text(0)), row.integer(1), row.integer(2)});
                            return {};
                        }));
    return fronts;
}

Result<std::map<std::string, std::string>> read_mail_places(Postgres& connection) {
    std::map<std::string, std::string> places;
    TRY(connection.each("select name, mail from mailctl.node where not deleted", {},
                        [&](const PostgresRow& row) -> Status {
                            places.emplace(row.text(0), row.text(1));
                            return {};
                        }));
    return places;
}

Result<MoveBoard> MoveBoard::read(Postgres& connection) {
    MoveBoard board;
    TRY_ASSIGN(board.moves, read_moves(connection));
    TRY_ASSIGN(board.reports, read_move_reports(connection));
    TRY_ASSIGN(board.front_ends, read_front_ends(connection));
    return board;
}

std::optional<MoveReported> MoveBoard::report_of(const MovingMail& move, const std::string& node) const {
    const auto found = reports.find({move.domain, move.local, node});
    return found == reports.end() ? std::nullopt : std::optional(found->second);
}

MoveState MoveBoard::state(const MovingMail& move) const {
    return state_of_move({move.generation, front_ends, move.source, move.target, report_of(move, move.source),
                          report_of(move, move.target)});
}

std::vector<std::string> MoveBoard::lines() const {
    std::vector<std::string> lines;
    for (const auto& move : moves) {
        const auto domain = DomainName::from_trusted(move.domain);
        const auto name =
            move.local.empty() ? domain.display() : Address{LocalPart::from_trusted(move.local), domain}.display();
        const auto whole = move.local.empty() ? std::string() : ": " + describe_move(state(move));
        lines.push_back(fmt::format("{} moves from {} to {}{}", name, move.source, move.target, whole));
    }
    return lines;
}

Status report_move(Postgres& connection, const MovingMail& move, const std::string& node,
                   const MoveReported& reported) {
    const std::vector<SqlValue> values{move.domain,         move.local,      node,
                                       reported.generation, reported.digest, reported.error};
    TRY(connection.run("insert into mailctl.move_status (domain, local, node, generation, digest, error) values ($1, "
                       "$2, $3, $4::bigint, $5, $6) on conflict (domain, local, node) do update set generation = "
                       "excluded.generation, digest = excluded.digest, error = excluded.error, at = now()",
                       values));
    return connection.run("select pg_notify('mailctl_directory', 'move')");
}

} // namespace mailctl
