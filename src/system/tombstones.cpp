// Statements over the table of the same name.
#include "mailctl/system/tombstones.hpp"

namespace mailctl {

namespace {

constexpr const char* columns = "SELECT address, change, deleted, archive, keep_until FROM tombstones ";

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
    TRY_ASSIGN(auto select, turn->prepare(std::string(columns) +
                                          "WHERE address = ? AND cleared IS NULL ORDER BY change DESC LIMIT 1"));
    TRY_ASSIGN(const bool found, select.bind(address.key()).next());
    if (!found) return std::nullopt;
    TRY_ASSIGN(auto tombstone, read(select));
    return std::optional(std::move(tombstone));
}

Result<std::vector<Address>> standing_tombstones(State& state) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select, turn->prepare(std::string(columns) + "WHERE cleared IS NULL ORDER BY address, change"));
    std::vector<Address> standing;
    for (;;) {
        TRY_ASSIGN(const bool found, select.next());
        if (!found) return standing;
        TRY_ASSIGN(auto tombstone, read(select));
        standing.push_back(std::move(tombstone.address));
    }
}

Status clear_tombstones(State& state, std::span<const Address> addresses, std::uint64_t change, Instant when) {
    if (addresses.empty()) return {};
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto transaction, SqlTransaction::begin(turn.database()));
    for (const auto& address : addresses) {
        TRY_ASSIGN(auto update, turn->prepare("UPDATE tombstones SET cleared = ? "
                                              "WHERE address = ? AND change < ? AND cleared IS NULL"));
        TRY(update.bind(when).bind(address.key()).bind(number(change)).run());
    }
    return transaction.commit();
}

Result<std::vector<Tombstone>> expired_tombstones(State& state, Instant now) {
    TRY_ASSIGN(const auto turn, state.turn());
    TRY_ASSIGN(auto select, turn->prepare(std::string(columns) +
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
