// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Of the secrets of srs.secret: what is published instead of them. "": there are none.
[[nodiscard]] Result<std::string> srs_digest(const SiteView& view);

} // namespace mailctl
