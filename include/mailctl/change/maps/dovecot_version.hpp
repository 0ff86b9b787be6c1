// SPDX-License-Identifier: Apache-2.0
// The Dovecot of this machine: 2.3 and 2.4 read different files.
#pragma once

#include "mailctl/model/site.hpp"

#include <optional>
#include <string_view>

namespace mailctl {

// As `dovecot --version` says; nullopt: there is none in PATH, or one that we know nothing of.
[[nodiscard]] std::optional<DovecotVersion> find_dovecot();
[[nodiscard]] std::string_view dovecot_number(DovecotVersion version); // "2.3" or "2.4"

} // namespace mailctl
