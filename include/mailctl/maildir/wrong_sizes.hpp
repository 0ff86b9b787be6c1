// SPDX-License-Identifier: Apache-2.0
// maildirsize that does not say what lies in its mailbox: a program that deleted mail did not tell. It is a cache, and
// goes by removing it: the next delivery counts anew.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <string>
#include <vector>

namespace mailctl {

// Those of `mailboxes` ("example.com/paul"), in their order. Looked at on every core; what cannot be is not wrong.
[[nodiscard]] Result<std::vector<std::string>> find_wrong_sizes(const MailStore& store,
                                                                const std::vector<std::string>& mailboxes);
// Removes maildirsize of these; the number removed.
[[nodiscard]] Result<std::size_t> drop_sizes(const MailStore& store, const std::vector<std::string>& mailboxes);

} // namespace mailctl
