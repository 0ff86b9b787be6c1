// SPDX-License-Identifier: Apache-2.0
// What the resolver sees in a local part: its detail, and whether it could be the name of something.
#pragma once

#include "mailctl/model/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// "paul+lists": base "paul" (folded), folder "lists" (as written). Absent when there is no delimiter after the first
// byte.
struct Detail {
    std::string base_key, folder;
};
[[nodiscard]] std::optional<Detail> split_detail(const LocalPart& local, const std::string& delimiters);
// What may become a name here: the same rule as for names that are made (specification 3, "Names"). `characters`: what
// is allowed beside lower-case letters and digits.
[[nodiscard]] bool is_allowed_name(std::string_view key, const std::string& characters);
// postmaster and abuse: RFC 5321 4.5.1, RFC 2142.
[[nodiscard]] bool is_reserved_name(std::string_view local_key);

} // namespace mailctl
