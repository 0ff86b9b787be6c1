// SPDX-License-Identifier: Apache-2.0
// Mail on its way between machines, as the database knows it: the administration host publishes what moves, the two
// machines of each move report how far they are.
#pragma once

#include "directory_reader.hpp"
#include "mailctl/model/mail_node.hpp"
#include "mailctl/routing/mail_move.hpp"

#include <set>
#include <tuple>

namespace mailctl {

// A mailbox that moves. Of a domain that does there is one for each mailbox that goes along, and one for the domain as
// such, with `local` "".
struct MovingMail {
    std::string domain, local, source, target;
    std::int64_t generation = 0; // since which it moves
    bool operator==(const MovingMail&) const = default;
};
[[nodiscard]] std::vector<MovingMail> moves_of(const Domain& domain);

// For the publisher, within its transaction: these domains have these moves and no others. What moved before between
// the same two machines keeps its generation.
[[nodiscard]] Status put_moves(Postgres& connection, const std::set<std::string>& domains,
                               const std::vector<MovingMail>& moves, std::int64_t generation);

[[nodiscard]] Result<std::vector<MovingMail>> read_moves(Postgres& connection);

using ReportKey = std::tuple<std::string, std::string, std::string>; // domain, local, machine
[[nodiscard]] Result<std::map<ReportKey, MoveReported>> read_move_reports(Postgres& connection);
[[nodiscard]] Result<std::vector<MachineReported>> read_front_ends(Postgres& connection);
[[nodiscard]] Result<std::map<std::string, std::string>> read_mail_places(Postgres& connection); // node, its mail root

// All that moves, and how far each is.
struct MoveBoard {
    std::vector<MovingMail> moves;
    std::map<ReportKey, MoveReported> reports;
    std::vector<MachineReported> front_ends;

    [[nodiscard]] static Result<MoveBoard> read(Postgres& connection);
    [[nodiscard]] MoveState state(const MovingMail& move) const; // of one mailbox
    // A line for each mailbox or domain that moves: "vip@one.example moves from a to b: ...".
    [[nodiscard]] std::vector<std::string> lines() const;

  private:
    [[nodiscard]] std::optional<MoveReported> report_of(const MovingMail& move, const std::string& node) const;
};

// Whoever waits for something published is woken.
[[nodiscard]] Status report_move(Postgres& connection, const MovingMail& move, const std::string& node,
                                 const MoveReported& reported);

} // namespace mailctl
