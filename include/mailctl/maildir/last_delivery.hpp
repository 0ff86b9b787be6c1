// SPDX-License-Identifier: Apache-2.0
// When a mailbox got mail last, from the names of its messages: they begin with the second of the delivery.
#pragma once

#include "mailctl/maildir/maildir.hpp"

namespace mailctl {

// The newest message of this folder: of new/, or where that is empty of cur/. nullopt: there is none, its name tells no
// time, or the folder cannot be read. One listing, whatever the number of messages.
[[nodiscard]] std::optional<Instant> newest_message(const Maildir& folder);

} // namespace mailctl
