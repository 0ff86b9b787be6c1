// SPDX-License-Identifier: Apache-2.0
// One JSON object (RFC 8259) of one level, read member by member: the agent's journal and what journalctl prints. Made
// for lines of logs, of which there are many and some are broken: nothing is built, nothing is thrown.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mailctl {

// Values as text: a string without its quotes and escapes, an array of numbers as the bytes they stand for, another
// array or an object "", numbers and words as they are written. False: no whole object; some members may have been
// told.
bool for_each_member(std::string_view text, const std::function<void(std::string_view, std::string&&)>& member);

} // namespace mailctl
