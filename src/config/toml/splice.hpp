// SPDX-License-Identifier: Apache-2.0
// Splices on the text of one inline table: an entry goes in or out and the layout stays. The text given is the whole
// value, braces included.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailctl {

// `entry` is TOML text ("login = true").
[[nodiscard]] std::string with_entry(std::string_view table, std::string_view entry);
[[nodiscard]] std::string without_entry(std::string_view table, std::size_t index);

} // namespace mailctl
