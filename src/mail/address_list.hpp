// SPDX-License-Identifier: Apache-2.0
// The addresses in fields such as To and Cc of messages from anywhere (RFC 5322 3.4). Names, comments, groups and
// routes are passed over, and so is whatever is no address: nothing is refused, and the time is linear in the text.
#pragma once

#include "mailctl/model/address.hpp"

#include <functional>
#include <string_view>

namespace mailctl {

// Calls `visit` for each address of an unfolded value, from the left, until it returns false.
void visit_addresses(std::string_view value, const std::function<bool(const Address&)>& visit);

} // namespace mailctl
