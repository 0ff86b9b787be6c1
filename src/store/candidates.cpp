// SPDX-License-Identifier: Apache-2.0
// The statements over table `candidates`.
#include "mailctl/store/candidates.hpp"

#include "row_values.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t longest_text = 200; // bytes of a sender or subject that are kept

std::int64_t signed_size(ByteCount size) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(size.bytes, INT64_MAX / 2));
}

struct Use {
    std::uint64_t names = 0, bytes = 0, name_messages = 0, name_bytes = 0;
};

Result<Use> use_of(Database& database, const Address& name) {
    Use use;
    TRY_ASSIGN(auto all, database.prepare("SELECT count(*), coalesce(sum(bytes), 0) FROM candidates WHERE domain = ?"));
    TRY(all.bind(name.domain.text()).next());
    use.names = static_cast<std::uint64_t>(all.integer(0));
    use.bytes = stored_count(all.integer(1)).value_or(0);
    TRY_ASSIGN(auto one, database.prepare("SELECT count, bytes FROM candidates WHERE domain = ? AND local = ?"));
    TRY_ASSIGN(const bool known, one.bind(name.domain.text()).bind(name.local.key()).next());
    if (!known) {
        ++use.names;
        return use;
    }
    use.name_messages = stored_count(one.integer(0)).value_or(0);
    use.name_bytes = stored_count(one.integer(1)).value_or(0);
    return use;
}

bool fits(const Use& use, ByteCount size, const Site::Candidates& limits) {
    return use.names <= limits.names && use.bytes + size.bytes <= limits.bytes.bytes &&
           use.name_messages < limits.name_messages && use.name_bytes + size.bytes <= limits.name_bytes.bytes;
}

constexpr std::string_view columns =
    "SELECT domain, local, first, last, count, bytes, last_sender, last_subject FROM candidates ";

std::string row_name(const SqlStatement& row) { return row.text(1) + '@' + row.text(0); }

std::optional<CandidateRecord> candidate_of(const SqlStatement& row) {
    auto domain = stored_domain(row.text(0));
    auto local = stored_local_part(row.text(1));
    const auto first = stored_instant(row.integer(2)), last = stored_instant(row.integer(3));
    const auto count = stored_count(row.integer(4)), bytes = stored_count(row.integer(5));
    if (!domain || !local || !first || !last || !count || !bytes) return std::nullopt;
    return CandidateRecord{{std::move(*local), std::move(*domain)},
                           *first,
                           *last,
                           *count,
                           ByteCount{*bytes},
                           bounded_text(row.text(6), longest_text),
                           bounded_text(row.text(7), longest_text)};
}

// The rows that are candidates; the others are named.
Result<std::vector<CandidateRecord>> read_candidates(const State::Turn& turn, SqlStatement& rows) {
    std::vector<CandidateRecord> found;
    for (;;) {
        TRY_ASSIGN(const bool more, turn.next(rows));
        if (!more) return found;
        if (auto candidate = candidate_of(rows))
            found.push_back(std::move(*candidate));
        else
            turn.skip("candidates", row_name(rows));
    }
}

} // namespace

Result<bool> is_candidate(State& state, const DomainName& domain, std::string_view local_key) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare("SELECT 1 FROM candidates WHERE domain = ? AND local = ?"));
    return row.bind(domain.text()).bind(local_key).next();
}

Result<bool> has_room(State& state, const Address& name, ByteCount size, const Site::Candidates& limits) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(const auto use, use_of(turn.database(), name));
    return fits(use, size, limits);
}

Result<bool> reserve_candidate(State& state, const CandidateMail& mail, const Site::Candidates& limits) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    TRY_ASSIGN(const auto use, use_of(turn.database(), mail.name));
    if (!fits(use, mail.size, limits)) return false;
    TRY_ASSIGN(auto insert,
               turn->prepare("INSERT INTO candidates VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7) "
                             "ON CONFLICT (domain, local) DO UPDATE SET last = max(last, ?4), count = count + 1, "
                             "bytes = bytes + ?5, last_sender = ?6, last_subject = ?7"));
    insert.bind(mail.name.domain.text()).bind(mail.name.local.key()).bind(mail.when).bind(mail.when);
    insert.bind(signed_size(mail.size))
        .bind(bounded_text(mail.sender, longest_text))
        .bind(bounded_text(mail.subject, longest_text));
    TRY(insert.run());
    TRY(transaction.commit());
    return true;
}

Status release_candidate(State& state, const Address& name, ByteCount size) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    TRY_ASSIGN(auto less, turn->prepare("UPDATE candidates SET count = count - 1, bytes = max(bytes - ?, 0) "
                                        "WHERE domain = ? AND local = ?"));
    TRY(less.bind(signed_size(size)).bind(name.domain.text()).bind(name.local.key()).run());
    TRY_ASSIGN(auto none, turn->prepare("DELETE FROM candidates WHERE domain = ? AND local = ? AND count <= 0"));
    TRY(none.bind(name.domain.text()).bind(name.local.key()).run());
    return transaction.commit();
}

Result<std::vector<CandidateRecord>> candidates_of(State& state, const DomainName& domain) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto rows, turn->prepare(std::string(columns) + "WHERE domain = ? ORDER BY local"));
    rows.bind(domain.text());
    return read_candidates(turn, rows);
}

Result<std::optional<CandidateRecord>> find_candidate(State& state, const Address& name) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare(std::string(columns) + "WHERE domain = ? AND local = ?"));
    row.bind(name.domain.text()).bind(name.local.key());
    TRY_ASSIGN(auto found, read_candidates(turn, row));
    if (found.empty()) return std::optional<CandidateRecord>{};
    return std::optional(std::move(found.front()));
}

Result<std::vector<CandidateRecord>> quiet_candidates(State& state, Instant when) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto rows, turn->prepare(std::string(columns) + "WHERE last < ? ORDER BY domain, local"));
    rows.bind(when);
    return read_candidates(turn, rows);
}

Result<std::vector<Address>> candidates_before(State& state, Instant when) {
    TRY_ASSIGN(auto found, quiet_candidates(state, when));
    std::vector<Address> names;
    for (auto& candidate : found)
        names.push_back(std::move(candidate.name));
    return names;
}

Status recount_candidate(State& state, const Address& name, std::uint64_t messages, ByteCount bytes,
                         Instant quiet_since) {
    if (messages == 0) return forget_candidate_before(state, name, quiet_since);
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare("UPDATE candidates SET count = ?, bytes = ? "
                                       "WHERE domain = ? AND local = ? AND last < ?"));
    row.bind(static_cast<std::int64_t>(messages)).bind(signed_size(bytes));
    return row.bind(name.domain.text()).bind(name.local.key()).bind(quiet_since).run();
}

Status rename_candidate(State& state, const Address& from, const Address& to) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    TRY_ASSIGN(auto copy,
               turn->prepare("INSERT INTO candidates SELECT ?, ?, first, last, count, bytes, last_sender, last_subject "
                             "FROM candidates WHERE domain = ? AND local = ? ON CONFLICT (domain, local) DO UPDATE SET "
                             "first = min(first, excluded.first), last = max(last, excluded.last), "
                             "count = count + excluded.count, bytes = bytes + excluded.bytes"));
    copy.bind(to.domain.text()).bind(to.local.key());
    TRY(copy.bind(from.domain.text()).bind(from.local.key()).run());
    TRY_ASSIGN(auto old, turn->prepare("DELETE FROM candidates WHERE domain = ? AND local = ?"));
    TRY(old.bind(from.domain.text()).bind(from.local.key()).run());
    return transaction.commit();
}

Status forget_candidate(State& state, const Address& name) {
    return forget_candidate_before(state, name, Instant::max());
}

Status forget_candidate_before(State& state, const Address& name, Instant when) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto row, turn->prepare("DELETE FROM candidates WHERE domain = ? AND local = ? AND last < ?"));
    return row.bind(name.domain.text()).bind(name.local.key()).bind(when).run();
}

Result<bool> CandidateDomains::contains(State& state, std::uint64_t generation, const DomainName& domain) {
    constexpr std::chrono::minutes believed{1}; // `mailctl apply` may have brought a lost state back
    const std::lock_guard lock(mutex_);
    const auto now = Steady::now();
    if (generation_ != generation || now - since_ >= believed) {
        generation_.reset();
        TRY_ASSIGN(const auto turn, state.turn());
        TRY_ASSIGN(auto rows, turn->prepare("SELECT DISTINCT domain FROM candidates"));
        domains_.clear();
        for (;;) {
            TRY_ASSIGN(const bool more, turn.next(rows));
            if (!more) break;
            domains_.insert(rows.text(0));
        }
        generation_ = generation;
        since_ = now;
    }
    return domains_.contains(domain.text());
}

Result<bool> CandidateLookup::ask(const DomainName& domain, std::string_view local_key) const {
    if (domains_) {
        TRY_ASSIGN(const auto entry, configuration_.find_domain(domain));
        if (entry && entry->unknown.kind != UnknownAction::Kind::candidate) {
            const auto has_some = domains_->contains(state_, generation_, domain);
            if (!has_some || !*has_some) return has_some;
        }
    }
    return mailctl::is_candidate(state_, domain, local_key);
}

Result<bool> CandidateLookup::is_candidate(const DomainName& domain, std::string_view local_key) const {
    auto known = ask(domain, local_key);
    if (known) return known;
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return false;
    return known;
}

} // namespace mailctl
