// SPDX-License-Identifier: Apache-2.0
// The program that signs, as a service of this system.
#pragma once

#include "mailctl/model/site.hpp"
#include "mailctl/os/paths.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// Whether this map is one that a signer reads.
[[nodiscard]] bool is_signing_map(std::string_view name);
// Has it read its tables again; a line that says so, or that it could not. Nothing where it does not run here, and
// below
// --root: there it is nobody's service.
[[nodiscard]] std::vector<std::string> reload_signer(const Paths& paths, const Site& site);

} // namespace mailctl
