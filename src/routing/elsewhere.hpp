// SPDX-License-Identifier: Apache-2.0
// The code of a recipient whose domain is not of this site, and of no other refusal (RFC 3463: bad destination system).
#pragma once

#include <string_view>

namespace mailctl {

inline constexpr std::string_view elsewhere_code = "5.1.2";

} // namespace mailctl
