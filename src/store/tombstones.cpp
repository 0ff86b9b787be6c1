// Statements over the table of the same name.
#include "mailctl/store/tombstones.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace mailctl {

namespace {

constexpr const char* tombstone_columns = "SELECT address, change, deleted, archive, keep_until FROM tombstones ";

Result<Tombstone> read(const SqlStatement& row) {
    auto address = Address::parse(row.text(0));
    if (!address) return fail(ErrorKind::temporary, "the state holds an address that is none: " + row.text(0));
    Tombstone tombstone{std::move(*address), static_cast<std::uint64_t>(row.integer(1)), row.instant(2), {}, {}};
    if (!row.is_null(3)) tombstone.archive = row.text(3);
    tombstone.keep_until = row.find_instant(4);
    return tombstone;
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
                                          "WHERE address = ? AND cleared IS NULL ORDER BY change DESC LIMIT 1"));
    TRY_ASSIGN(const bool found, select.bind(address.key()).next());
    if (!found) return std::nullopt;
    TRY_ASSIGN(auto tombstone, read(select));
    return std::optional(std::move(tombstone));
}

Result<std::vector<Address>> standing_tombstones(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select,
               turn->prepare(std::string(tombstone_columns) + "WHERE cleared IS NULL ORDER BY address, change"));
    std::vector<Address> standing;
    for (;;) {
        TRY_ASSIGN(const bool found, select.next());
        if (!found) return standing;
        TRY_ASSIGN(auto tombstone, read(select));
        standing.push_back(std::move(tombstone.address));
    }
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
    std::vector<Tombstone> expired;
    for (;;) {
        TRY_ASSIGN(const bool found, select.next());
        if (!found) return expired;
        TRY_ASSIGN(auto tombstone, read(select));
        expired.push_back(std::move(tombstone));
    }
}

Status forget_archive(State& state, const Address& address, std::uint64_t change) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto update, turn->prepare("UPDATE tombstones SET archive = NULL WHERE address = ? AND change = ?"));
    return update.bind(address.key()).bind(number(change)).run();
}

} // namespace mailctl
