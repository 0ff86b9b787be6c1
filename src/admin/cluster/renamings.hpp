// SPDX-License-Identifier: Apache-2.0
// Mailboxes and domains that got other names: to a machine that takes rows a new name would be a mailbox that goes and
// another that comes, and its mail would go into the archive. So the publisher tells the names too, in order.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/os/postgres.hpp"
#include "mailctl/store/history.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mailctl {

// Of a mailbox, or, with both local parts "", of a domain with all its mailboxes.
struct Renaming {
    std::string from_domain, from_local, to_domain, to_local;
    bool operator==(const Renaming&) const = default;
};

// What these records did, in order. A mailbox that is renamed with its domain is not named again.
[[nodiscard]] std::vector<Renaming> renamings_of(std::span<const HistoryRecord> records);
// What a mailbox is called after all of these.
[[nodiscard]] Address name_after(std::span<const Renaming> renamings, const Address& mailbox);

// Within the publisher's transaction. Those of generations whose tombstones are gone go too.
[[nodiscard]] Status put_renamings(Postgres& connection, std::span<const Renaming> renamings, std::int64_t generation);
[[nodiscard]] Result<std::vector<Renaming>> read_renamings(Postgres& connection, std::int64_t since);

} // namespace mailctl
