// SPDX-License-Identifier: Apache-2.0
// Asked for each new name of a change, through one connection.
#include "mailctl/site/name_guard.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/site/site_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mailctl {

NameGuard::NameGuard(const SiteView& view)
    : path_(view.paths().state), time_zone_(view.site().time_zone), state_(state_to_read(view)) {}

Result<std::optional<Tombstone>> NameGuard::find(const Address& address) {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return std::nullopt;
    return find_tombstone(state_, address);
}

Result<std::optional<Tombstone>> NameGuard::find_archived(const Address& address) {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return std::nullopt;
    return mailctl::find_archived(state_, address);
}

Result<std::vector<Tombstone>> NameGuard::archived_by(std::uint64_t change) {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return std::vector<Tombstone>();
    return mailctl::archived_by(state_, change);
}

Result<bool> NameGuard::was_ever_deleted(const Address& address) {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return false;
    return mailctl::was_ever_deleted(state_, address);
}

Result<std::vector<Tombstone>> NameGuard::standing() {
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists) return std::vector<Tombstone>();
    TRY_ASSIGN(auto addresses, standing_tombstones(state_));
    std::ranges::sort(addresses);
    return find_among(addresses);
}

Result<std::vector<Tombstone>> NameGuard::find_among(std::span<const Address> addresses) {
    constexpr std::size_t many = 100;
    std::vector<Tombstone> found;
    TRY_ASSIGN(const auto exists, find_stamp(path_));
    if (!exists || addresses.empty()) return found;
    std::optional<std::set<Address>> standing; // asked for once, where that is cheaper
    if (addresses.size() > many) {
        TRY_ASSIGN(const auto all, standing_tombstones(state_));
        standing.emplace(all.begin(), all.end());
    }
    for (const auto& address : addresses) {
        if (standing && !standing->contains(address)) continue;
        TRY_ASSIGN(auto tombstone, find_tombstone(state_, address));
        if (tombstone) found.push_back(std::move(*tombstone));
    }
    return found;
}

Status NameGuard::refuse_deleted(const Address& address) {
    TRY_ASSIGN(const auto tombstone, find(address));
    if (!tombstone) return {};
    return fail(ErrorKind::conflict,
                fmt::format("mailbox '{}' was deleted on {} (change {})", address.display(),
                            minute_in_zone(tombstone->deleted, time_zone_), tombstone->change),
                fmt::format("'mailctl mailbox restore {}' brings it back; --reuse gives the name to somebody else, "
                            "who sees none of its mail",
                            address.text()));
}

} // namespace mailctl
