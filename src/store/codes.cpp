// SPDX-License-Identifier: Apache-2.0
// Statements over the table of the same name. Counting and comparing are one transaction, so that two who guess at once
// have no more attempts than one.
#include "mailctl/store/codes.hpp"

namespace mailctl {

Result<bool> issue_code(State& state, const Address& mailbox, const std::string& hash, Instant now, Instant expires) {
    const auto a_day_ago = now - std::chrono::days(1);
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    {
        TRY_ASSIGN(auto forget, turn->prepare("DELETE FROM codes WHERE issued <= ? AND expires <= ?"));
        TRY(forget.bind(a_day_ago).bind(now).run());
        TRY_ASSIGN(auto count, turn->prepare("SELECT count(*) FROM codes WHERE address = ? AND issued > ?"));
        TRY(count.bind(mailbox.key()).bind(a_day_ago).next());
        if (count.integer(0) >= codes_a_day) return false;
        TRY_ASSIGN(auto replace, turn->prepare("UPDATE codes SET spent = ? WHERE address = ? AND spent IS NULL"));
        TRY(replace.bind(now).bind(mailbox.key()).run());
        TRY_ASSIGN(auto insert,
                   turn->prepare("INSERT INTO codes (address, hash, issued, expires) VALUES (?, ?, ?, ?)"));
        TRY(insert.bind(mailbox.key()).bind(hash).bind(now).bind(expires).run());
    }
    TRY(transaction.commit());
    return true;
}

Result<bool> redeem_code(State& state, const Address& mailbox, const std::string& hash, Instant now) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    bool good = false;
    {
        TRY_ASSIGN(auto attempt, turn->prepare("UPDATE codes SET attempts = attempts + 1 "
                                               "WHERE address = ? AND spent IS NULL AND expires > ? AND attempts < ?"));
        TRY(attempt.bind(mailbox.key()).bind(now).bind(std::int64_t{attempts_of_a_code}).run());
        if (turn->changed_rows() == 0) return false;
        TRY_ASSIGN(auto redeem, turn->prepare("UPDATE codes SET spent = ? WHERE address = ? AND spent IS NULL "
                                              "AND expires > ? AND hash = ?"));
        TRY(redeem.bind(now).bind(mailbox.key()).bind(now).bind(hash).run());
        good = turn->changed_rows() == 1;
    }
    TRY(transaction.commit());
    return good;
}

Status give_back_code(State& state, const Address& mailbox, const std::string& hash) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto restore, turn->prepare("UPDATE codes SET spent = NULL, attempts = attempts - 1 "
                                           "WHERE address = ? AND hash = ? AND spent IS NOT NULL"));
    return restore.bind(mailbox.key()).bind(hash).run();
}

} // namespace mailctl
