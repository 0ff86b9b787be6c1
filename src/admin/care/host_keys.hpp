// SPDX-License-Identifier: Apache-2.0
// The keys of this host's certificates for mail.
#pragma once

#include "mailctl/exchange/dns/dane.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Those that the site's Postfix serves at port 25, where it can be asked, and those of the files that `next` names
// (certificates, or private keys of certificates to come). An Error is about one of the latter.
[[nodiscard]] Result<HostKeys> find_host_keys(const SiteView& view, std::span<const std::string> next);

} // namespace mailctl
