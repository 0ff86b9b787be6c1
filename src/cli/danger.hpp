// SPDX-License-Identifier: Apache-2.0
// Questions before dangerous steps (specification 5, "Safety"). Moderate danger asks on a terminal and needs --yes off
// it; severe danger needs its name spelled out in --confirm, everywhere. A dry run asks nothing: it changes nothing.
#pragma once

#include "invocation.hpp"

#include <functional>

namespace mailctl {

// Whether the caller still has to ask: no --yes, no dry run. usage: it would, and there is no terminal.
[[nodiscard]] Result<bool> must_ask(const Invocation& invocation);
[[nodiscard]] bool can_ask(const Invocation& invocation); // there is a terminal, and something to ask on it
// The domains in --confirm.
[[nodiscard]] Result<std::vector<DomainName>> read_domains_confirmed(const Invocation& invocation);
// failed: answered no; "nothing was changed" is part of the message.
[[nodiscard]] Status ask(const std::string& question);
// "'ann@example.org' and 'bob@example.org'", for a question; of many the first few, and how many more.
[[nodiscard]] std::string names_of_all(std::span<const Address> addresses);
// usage: a target whose name stands in no --confirm. `what_goes` with a domain, for the message: " with 3 mailboxes".
[[nodiscard]] Status require_confirmation(const Invocation& invocation, std::span<const DomainName> domains,
                                          const std::function<std::string(const DomainName&)>& what_goes);
[[nodiscard]] Status require_confirmation(const Invocation& invocation, std::span<const Address> addresses);

} // namespace mailctl
