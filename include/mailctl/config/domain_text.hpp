// The text of a new domain file. Files that exist are never written this way: they are edited (edit.hpp).
#pragma once

#include "mailctl/model/domain.hpp"

#include <string>

namespace mailctl {

// A commented header and the [domain] table of `domain`, with its sub-tables (no entities); keys at their default are
// left out. parse_domain of it gives `domain` without entities.
[[nodiscard]] std::string compose_domain(const Domain& domain);

} // namespace mailctl
