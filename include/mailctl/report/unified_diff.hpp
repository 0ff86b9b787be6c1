// SPDX-License-Identifier: Apache-2.0
// The unified diff of two texts, three lines of context, as `diff -u` writes it ("\ No newline at end of file"
// included).
#pragma once

#include <string>
#include <string_view>

namespace mailctl {

// Empty if equal. Linear in size for the common case (few changed places in a big file): equal ends are cut first.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                                       std::string_view after_name);

} // namespace mailctl
