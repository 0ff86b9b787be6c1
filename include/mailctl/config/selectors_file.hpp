// SPDX-License-Identifier: Apache-2.0
// selectors.toml: the DKIM selectors of one domain, beside their keys. `mailctl dkim` writes it whole; it holds nothing
// secret.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/dkim.hpp"
#include "mailctl/model/domain_name.hpp"

namespace mailctl {

// In the order of their names. invalid: with file, line and key; then none of it is used.
[[nodiscard]] Result<std::vector<DkimSelector>> parse_selectors(std::string_view text, std::string_view file);
// parse_selectors gives the same selectors back; times are kept to the second.
[[nodiscard]] std::string format_selectors(const DomainName& domain, std::span<const DkimSelector> selectors);

} // namespace mailctl
