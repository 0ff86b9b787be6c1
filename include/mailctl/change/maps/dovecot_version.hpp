// SPDX-License-Identifier: Apache-2.0
// The Dovecot of this machine: 2.3 and 2.4 read different files.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string_view>

namespace mailctl {

// As `dovecot --version` says; nullopt: there is none in PATH, or one that we know nothing of. One that could not be
// asked now is an error, lest files of the other generation be written over those it reads.
[[nodiscard]] Result<std::optional<DovecotVersion>> find_dovecot();
// Whose files a site wants: of the one its settings name, else of the one that is here.
[[nodiscard]] Result<std::optional<DovecotVersion>> find_dovecot_for(const Site::Maps& maps);
[[nodiscard]] std::string_view dovecot_number(DovecotVersion version); // "2.3" or "2.4"

} // namespace mailctl
