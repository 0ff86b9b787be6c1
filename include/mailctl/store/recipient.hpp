// SPDX-License-Identifier: Apache-2.0
// What a recipient comes to, SRS included: a bounce to a sender that srs_rewrite made goes back to the original sender;
// all else is resolve()'s. And which addresses are a responder's own. Here, above both floors, because the agent and
// `explain` must say the same.
#pragma once

#include "mailctl/mail/autoreply.hpp"
#include "mailctl/mail/srs.hpp"
#include "mailctl/os/paths.hpp"
#include "mailctl/routing/resolve.hpp"

namespace mailctl {

// The secrets of srs.secret, one a line, the first signs; none if the file is absent. An Error: it cannot be read.
[[nodiscard]] Result<SrsKeys> load_srs_keys(const Paths& paths, const Site& site);

// The Plan for `recipient`. In the SRS domain a local part of that form is never an ordinary name: genuine becomes a
// forward to the original sender; forged and expired are 550 5.1.1, never the catch-all (delivery D14).
[[nodiscard]] Result<Plan> resolve_recipient(const Lookup& lookup, const ResolveSettings& settings,
                                             const SrsKeys& srs_keys, const Address& recipient);

// The names of a robot or of a mailbox that answers, in every name of its domain, with any detail. Keeps references to
// what it is given.
[[nodiscard]] IsOwnAddress own_addresses(const Lookup& lookup, const ResponderEntry& entry, const Address& responder,
                                         const std::string& delimiters);

} // namespace mailctl
