// SPDX-License-Identifier: Apache-2.0
// The statements over table `warnings`: one row a mailbox, the highest level that holds.
#include "mailctl/store/quota_warnings.hpp"

#include "row_values.hpp"

namespace mailctl {
namespace {

constexpr std::chrono::hours quiet_time{24};

// A warning from the future, left by a clock that went back, counts as sent now.
Result<bool> is_warned(Database& database, const FillLevel& level, Instant now) {
    TRY_ASSIGN(auto row, database.prepare("SELECT warned FROM warnings WHERE mailbox = ? AND level >= ?"));
    TRY_ASSIGN(const bool found, row.bind(level.mailbox).bind(std::int64_t{level.percent}).next());
    if (!found) return false;
    const auto warned = stored_instant(row.integer(0)).value_or(now); // what is no time was now
    return !(level.just_reached && now - warned >= quiet_time);
}

Status remember(Database& database, const FillLevel& level, Instant now) {
    TRY_ASSIGN(auto forget, database.prepare("DELETE FROM warnings WHERE mailbox = ?"));
    TRY(forget.bind(level.mailbox).run());
    TRY_ASSIGN(auto add, database.prepare("INSERT INTO warnings VALUES (?, ?, ?)"));
    return add.bind(level.mailbox).bind(std::int64_t{level.percent}).bind(now).run();
}

} // namespace

Result<bool> reserve_warning(State& state, const FillLevel& level, Instant now) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(bool warned, is_warned(turn.database(), level, now)); // the usual case writes nothing
    if (warned) return false;
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    TRY_ASSIGN(warned, is_warned(turn.database(), level, now));
    if (warned) return false;
    TRY(remember(turn.database(), level, now));
    TRY(transaction.commit());
    return true;
}

Status release_warning(State& state, const FillLevel& level) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto forget, turn->prepare("DELETE FROM warnings WHERE mailbox = ? AND level = ?"));
    return forget.bind(level.mailbox).bind(std::int64_t{level.percent}).run();
}

} // namespace mailctl
