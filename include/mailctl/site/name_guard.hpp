// SPDX-License-Identifier: Apache-2.0
// Names that may not be given out without a word: those of deleted mailboxes.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/tombstones.hpp"

#include <cstdint>

namespace mailctl {

// Reads the state without making or changing it; a site that has none has no tombstones.
class NameGuard {
  public:
    explicit NameGuard(const SiteView& view);
    // conflict: a mailbox of that name was deleted; the message says when, the hint names --reuse.
    [[nodiscard]] Status refuse_deleted(const Address& address);
    [[nodiscard]] Result<std::optional<Tombstone>> find(const Address& address);
    [[nodiscard]] Result<std::optional<Tombstone>> find_archived(const Address& address);
    [[nodiscard]] Result<std::vector<Tombstone>> archived_by(std::uint64_t change);
    [[nodiscard]] Result<bool> was_ever_deleted(const Address& address);
    // All, by address.
    [[nodiscard]] Result<std::vector<Tombstone>> standing();
    // Those of any of them; of many names few were ever deleted.
    [[nodiscard]] Result<std::vector<Tombstone>> find_among(std::span<const Address> addresses);

  private:
    std::string path_, time_zone_;
    State state_;
};

} // namespace mailctl
