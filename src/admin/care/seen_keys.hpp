// SPDX-License-Identifier: Apache-2.0
// What the last look at the DNS says about the records of keys.
#pragma once

#include "mailctl/exchange/dkim_rotation.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Whether a selector's record was right at all name servers when `dns check` looked last. Never asks the net.
using SeenKey = std::function<bool(const DkimSelector&)>;
[[nodiscard]] SeenKey seen_keys(const SiteView& view, const DomainName& domain);

} // namespace mailctl
