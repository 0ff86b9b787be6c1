// SPDX-License-Identifier: Apache-2.0
// Numbers of a day are kept apart from the senders: an entry is renewed with each reply, a count must not be. Days are
// those of UTC.
#include "mailctl/store/answers.hpp"

#include "row_values.hpp"

#include <chrono>

namespace mailctl {
namespace {

using std::chrono::days;

constexpr days longest_memory{366}; // of responders that are gone

std::int64_t day_of(Instant when) { return std::chrono::floor<days>(when).time_since_epoch().count(); }
std::string domain_of(const AnswerKey& key) { return key.sender.substr(key.sender.rfind('@') + 1); }

// nullopt: never, or so long ago that it does not count.
Result<bool> is_remembered(Database& database, const AnswerKey& key, Age every, Instant now) {
    std::optional<Instant> answered;
    {
        TRY_ASSIGN(auto row, database.prepare("SELECT answered FROM answers WHERE responder = ? AND sender = ? AND "
                                              "text_hash = ?"));
        TRY_ASSIGN(const bool found, row.bind(key.responder).bind(key.sender).bind(key.text_hash).next());
        if (found) answered = stored_instant(row.integer(0)).value_or(Instant::max()); // what is no time is renewed
    }
    if (!answered) return false;
    if (*answered <= now) return now - *answered < every;
    TRY_ASSIGN(auto renew, database.prepare("UPDATE answers SET answered = ? WHERE responder = ? AND sender = ? AND "
                                            "text_hash = ?"));
    TRY(renew.bind(now).bind(key.responder).bind(key.sender).bind(key.text_hash).run());
    return true;
}

// `domain` "" counts all of the responder.
Result<bool> is_full(Database& database, const std::string& responder, const std::string& domain, unsigned limit,
                     Instant now) {
    if (limit == 0) return false;
    TRY_ASSIGN(auto row,
               database.prepare("SELECT count FROM answer_counts WHERE responder = ? AND day = ? AND domain = ?"));
    TRY_ASSIGN(const bool found, row.bind(responder).bind(day_of(now)).bind(domain).next());
    return found && row.integer(0) >= limit;
}

Status count(Database& database, const std::string& responder, const std::string& domain, Instant when, int change) {
    TRY_ASSIGN(auto row, database.prepare("INSERT INTO answer_counts (responder, day, domain, count) VALUES "
                                          "(?, ?, ?, max(0, ?)) ON CONFLICT DO UPDATE SET count = max(0, count + ?)"));
    return row.bind(responder).bind(day_of(when)).bind(domain).bind(change).bind(change).run();
}

Status remember(Database& database, const AnswerKey& key, Instant now) {
    TRY_ASSIGN(auto row, database.prepare("INSERT OR REPLACE INTO answers (responder, sender, text_hash, answered, "
                                          "confirmed) VALUES (?, ?, ?, ?, 0)"));
    TRY(row.bind(key.responder).bind(key.sender).bind(key.text_hash).bind(now).run());
    TRY(count(database, key.responder, {}, now, 1));
    return count(database, key.responder, domain_of(key), now, 1);
}

Status forget(Database& database, const AnswerKey& key, const AnswerLimits& limits, Instant now) {
    TRY_ASSIGN(auto oldest,
               database.prepare("DELETE FROM answers WHERE responder = ?1 AND (sender, text_hash) IN (SELECT sender, "
                                "text_hash FROM answers WHERE responder = ?1 ORDER BY answered DESC LIMIT -1 OFFSET "
                                "?2)"));
    TRY(oldest.bind(key.responder).bind(std::int64_t{limits.remembered}).run());
    TRY_ASSIGN(auto stale, database.prepare("DELETE FROM answers WHERE answered < ?"));
    TRY(stale.bind(now - longest_memory).run());
    TRY_ASSIGN(auto counts, database.prepare("DELETE FROM answer_counts WHERE day NOT BETWEEN ? AND ?"));
    return counts.bind(day_of(now) - 1).bind(day_of(now) + 1).run();
}

Result<AnswerTurn> take_turn(Database& database, const AnswerKey& key, const AnswerLimits& limits, Instant now) {
    TRY_ASSIGN(const bool remembered, is_remembered(database, key, limits.every, now));
    if (remembered) return AnswerTurn::answered;
    TRY_ASSIGN(const bool day_is_full, is_full(database, key.responder, {}, limits.per_day, now));
    if (day_is_full) return AnswerTurn::day_is_full;
    TRY_ASSIGN(const bool domain_is_full, is_full(database, key.responder, domain_of(key), limits.per_domain, now));
    if (domain_is_full) return AnswerTurn::domain_is_full;
    TRY(remember(database, key, now));
    TRY(forget(database, key, limits, now));
    return AnswerTurn::reserved;
}

} // namespace

Result<AnswerTurn> reserve_answer(State& state, const AnswerKey& key, const AnswerLimits& limits, Instant now) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    TRY_ASSIGN(const auto result, take_turn(turn.database(), key, limits, now));
    TRY(transaction.commit());
    return result;
}

Status confirm_answer(State& state, const AnswerKey& key) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare("UPDATE answers SET confirmed = 1 WHERE responder = ? AND sender = ? AND "
                                       "text_hash = ?"));
    return row.bind(key.responder).bind(key.sender).bind(key.text_hash).run();
}

Status release_answer(State& state, const AnswerKey& key, Instant when) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    {
        TRY_ASSIGN(auto row, turn->prepare("DELETE FROM answers WHERE responder = ? AND sender = ? AND text_hash = ? "
                                           "AND answered = ? AND confirmed = 0"));
        TRY(row.bind(key.responder).bind(key.sender).bind(key.text_hash).bind(when).run());
    }
    if (turn->changed_rows() > 0) {
        TRY(count(turn.database(), key.responder, {}, when, -1));
        TRY(count(turn.database(), key.responder, domain_of(key), when, -1));
    }
    return transaction.commit();
}

} // namespace mailctl
