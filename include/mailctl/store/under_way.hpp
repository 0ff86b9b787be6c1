// SPDX-License-Identifier: Apache-2.0
// Deliveries under way, whichever process they are in: each holds a read lock on the byte of a file whose offset is the
// generation of the directory that its recipients were resolved by. So it can be found out whether any delivery still
// goes by what was so before, and a process that dies leaves nothing behind. Only where mail moves to other machines is
// there such a file; a delivery elsewhere pays one open(2) that finds nothing.
#pragma once

#include "mailctl/os/files.hpp"
#include "mailctl/os/paths.hpp"

#include <cstdint>

namespace mailctl {

// One delivery; under way until it is destroyed. Whoever marks one looks at the directory afterwards: if that is not of
// this generation any more, somebody may have asked in between and not have seen the mark.
class DeliveryMark {
  public:
    // temporary: it cannot be marked, so it had better not begin.
    [[nodiscard]] static Result<DeliveryMark> make(const Paths& paths, std::uint64_t generation);

  private:
    explicit DeliveryMark(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_; // the lock is its; none where deliveries are not marked
};

// From now on deliveries are marked; to be repeated as often as one likes.
[[nodiscard]] Status mark_deliveries(const Paths& paths);
// Whether a delivery is under way that was resolved by a directory older than `generation`. failed: they are not
// marked.
[[nodiscard]] Result<bool> is_older_delivery_under_way(const Paths& paths, std::uint64_t generation);

} // namespace mailctl
