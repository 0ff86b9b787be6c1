// SPDX-License-Identifier: Apache-2.0
// The settings of the site that decide what a machine of it accepts and answers. They are published, and each node has
// them in its own mailctl.toml; what is about one machine (users, paths, sockets, limits of load) stays its own, and no
// secret is among them.
#pragma once

#include "mailctl/config/toml/edit.hpp"
#include "mailctl/model/site.hpp"

#include <string>
#include <vector>

namespace mailctl {

[[nodiscard]] std::string compose_settings(const Site& site); // TOML, one line for each key
// What makes a mailctl.toml with the settings of `own` say those. invalid: they are none.
[[nodiscard]] Result<std::vector<Edit>> take_settings(const std::string& published, const Site& own);

} // namespace mailctl
