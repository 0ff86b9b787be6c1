// SPDX-License-Identifier: Apache-2.0
// Statements over the table of the same name.
#include "mailctl/store/tombstones.hpp"

#include "row_values.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace mailctl {

namespace {

constexpr const char* tombstone_columns = "SELECT address, change, deleted, archive, keep_until FROM tombstones ";

std::optional<Tombstone> tombstone_in(const SqlStatement& row) {
    auto address = stored_address(row.text(0));
    const auto change = stored_count(row.integer(1));
    const auto deleted = stored_instant(row.integer(2));
    auto archive = stored_archive(row.text(3));
    const auto keep_until = stored_instant(row.integer(4));
    const bool sound = address && change && deleted && (row.is_null(3) || archive) && (row.is_null(4) || keep_until);
    if (!sound) return std::nullopt;
    return Tombstone{std::move(*address), *change, *deleted, row.is_null(3) ? std::nullopt : std::move(archive),
                     row.is_null(4) ? std::nullopt : keep_until};
}

// The rows that are tombstones; the others are named.
Result<std::vector<Tombstone>> read_tombstones(const State::Turn& turn, SqlStatement& rows) {
    std::vector<Tombstone> found;
    for (;;) {
        TRY_ASSIGN(const bool more, turn.next(rows));
        if (!more) return found;
        if (auto tombstone = tombstone_in(rows))
            found.push_back(std::move(*tombstone));
        else
            turn.skip("tombstones", rows.text(0));
    }
}

std::int64_t number(std::uint64_t change) { return static_cast<std::int64_t>(change); }

} // namespace

Status record_tombstones(State& state, std::span<const Tombstone> tombstones) {
    if (tombstones.empty()) return {};
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    for (const auto& tombstone : tombstones) {
        TRY_ASSIGN(auto insert, turn->prepare("INSERT INTO tombstones (address, change, deleted, archive, keep_until) "
                                              "VALUES (?, ?, ?, ?, ?) ON CONFLICT (address, change) "
                                              "DO UPDATE SET archive = excluded.archive"));
        insert.bind(tombstone.address.key()).bind(number(tombstone.change)).bind(tombstone.deleted);
        TRY(insert.bind(tombstone.archive).bind(tombstone.keep_until).run());
    }
    return transaction.commit();
}

Result<std::optional<Tombstone>> find_tombstone(State& state, const Address& address) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select, turn->prepare(std::string(tombstone_columns) +
                                          "WHERE address = ? AND cleared IS NULL ORDER BY change DESC"));
    select.bind(address.key());
    TRY_ASSIGN(auto found, read_tombstones(turn, select));
    if (found.empty()) return std::nullopt;
    return std::optional(std::move(found.front()));
}

Result<std::vector<Address>> standing_tombstones(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select,
               turn->prepare(std::string(tombstone_columns) + "WHERE cleared IS NULL ORDER BY address, change"));
    TRY_ASSIGN(auto found, read_tombstones(turn, select));
    std::vector<Address> standing;
    for (auto& tombstone : found)
        standing.push_back(std::move(tombstone.address));
    return standing;
}

namespace {

// Of many new names few were ever deleted, and those are looked for among all that stand.
Result<std::vector<Address>> with_tombstones(State& state, std::span<const Address> addresses) {
    constexpr std::size_t many = 100;
    if (addresses.size() <= many) return std::vector<Address>(addresses.begin(), addresses.end());
    std::vector<Address> found;
    TRY_ASSIGN(const auto standing, standing_tombstones(state));
    std::set<std::string> keys;
    for (const auto& address : standing)
        keys.insert(address.key());
    if (keys.empty()) return found;
    std::ranges::copy_if(addresses, std::back_inserter(found),
                         [&](const Address& address) { return keys.contains(address.key()); });
    return found;
}

} // namespace

Status clear_tombstones(State& state, std::span<const Address> addresses, std::uint64_t change, Instant when) {
    TRY_ASSIGN(const auto found, with_tombstones(state, addresses));
    if (found.empty()) return {};
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    for (const auto& address : found) {
        TRY_ASSIGN(auto update, turn->prepare("UPDATE tombstones SET cleared = ? "
                                              "WHERE address = ? AND change < ? AND cleared IS NULL"));
        TRY(update.bind(when).bind(address.key()).bind(number(change)).run());
    }
    return transaction.commit();
}

Result<std::vector<Tombstone>> expired_tombstones(State& state, Instant now) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select, turn->prepare(std::string(tombstone_columns) +
                                          "WHERE keep_until IS NOT NULL AND archive IS NOT NULL AND keep_until <= ? "
                                          "ORDER BY address, change"));
    select.bind(now);
    return read_tombstones(turn, select);
}

Status forget_archive(State& state, const Address& address, std::uint64_t change) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto update, turn->prepare("UPDATE tombstones SET archive = NULL WHERE address = ? AND change = ?"));
    return update.bind(address.key()).bind(number(change)).run();
}

// Those that a condition holds for, the newest first.
template <class... Values>
static Result<std::vector<Tombstone>> find_where(State& state, const char* condition, const Values&... values) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select,
               turn->prepare(std::string(tombstone_columns) + "WHERE " + condition + " ORDER BY change DESC, address"));
    (select.bind(values), ...);
    return read_tombstones(turn, select);
}

static std::optional<Tombstone> first_of(std::vector<Tombstone> found) {
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

Result<std::optional<Tombstone>> find_tombstone_of(State& state, const Address& address, std::uint64_t change) {
    TRY_ASSIGN(auto found, find_where(state, "address = ? AND change = ?", address.key(), number(change)));
    return first_of(std::move(found));
}

Result<std::optional<Tombstone>> find_archived(State& state, const Address& address) {
    TRY_ASSIGN(auto found, find_where(state, "address = ? AND archive IS NOT NULL", address.key()));
    return first_of(std::move(found));
}

Result<std::vector<Tombstone>> archived_by(State& state, std::uint64_t change) {
    return find_where(state, "change = ? AND archive IS NOT NULL", number(change));
}

Result<std::set<Address>> ever_deleted(State& state, std::span<const Address> addresses) {
    constexpr std::size_t many = 100; // of many new names few were ever deleted
    std::set<Address> found;
    if (addresses.size() > many) {
        TRY_ASSIGN(const auto all, find_where(state, "TRUE"));
        for (const auto& tombstone : all)
            found.insert(tombstone.address);
        return found;
    }
    for (const auto& address : addresses) {
        TRY_ASSIGN(const bool known, was_ever_deleted(state, address));
        if (known) found.insert(address);
    }
    return found;
}

Result<bool> was_ever_deleted(State& state, const Address& address) {
    TRY_ASSIGN(const auto found, find_where(state, "address = ?", address.key()));
    return !found.empty();
}

} // namespace mailctl
