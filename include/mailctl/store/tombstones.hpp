// SPDX-License-Identifier: Apache-2.0
// Tombstones: names of deleted mailboxes. Such a name is given out again only on purpose, and whoever gets it finds
// none of the mail of the one before, which lies where the tombstone says, until it expires.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/store/state.hpp"

#include <cstdint>
#include <set>
#include <span>

namespace mailctl {

struct Tombstone {
    Address address;          // real domain, folded local part
    std::uint64_t change = 0; // record of the history that deleted it
    Instant deleted;
    std::optional<std::string> archive; // below the mail root; or the absolute path of an archive file
    std::optional<Instant> keep_until;  // nullopt: for ever
    bool operator==(const Tombstone&) const = default;
};

// All or none; those of the same address and change are replaced, so that it may be done twice.
[[nodiscard]] Status record_tombstones(State& state, std::span<const Tombstone> tombstones);
// The newest that nothing has cleared.
[[nodiscard]] Result<std::optional<Tombstone>> find_tombstone(State& state, const Address& address);
// The one of that change, cleared or not.
[[nodiscard]] Result<std::optional<Tombstone>> find_tombstone_of(State& state, const Address& address,
                                                                 std::uint64_t change);
// The newest that says where mail lies, cleared or not; and all of one change that do.
[[nodiscard]] Result<std::optional<Tombstone>> find_archived(State& state, const Address& address);
[[nodiscard]] Result<std::vector<Tombstone>> archived_by(State& state, std::uint64_t change);
[[nodiscard]] Result<bool> was_ever_deleted(State& state, const Address& address);
// Those of the addresses that were, and perhaps others.
[[nodiscard]] Result<std::set<Address>> ever_deleted(State& state, std::span<const Address> addresses);
// The addresses of all that nothing has cleared.
[[nodiscard]] Result<std::vector<Address>> standing_tombstones(State& state);
// The names were given out again by `change`: older tombstones no longer stand in the way. They still say where mail
// is.
[[nodiscard]] Status clear_tombstones(State& state, std::span<const Address> addresses, std::uint64_t change,
                                      Instant when);
// Tombstones, cleared or not, whose archived mail is to go by `now`.
[[nodiscard]] Result<std::vector<Tombstone>> expired_tombstones(State& state, Instant now);
// The mail is no longer where it said: removed, or given back.
[[nodiscard]] Status forget_archive(State& state, const Address& address, std::uint64_t change);

} // namespace mailctl
