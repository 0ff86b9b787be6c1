// SPDX-License-Identifier: Apache-2.0
// Private keys as the signer needs them, whoever made them and whenever the signer was chosen.
#pragma once

#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Keys belong to whom they should, and rspamd's form of each Ed25519 key is there; a line for each that was mended.
// Keys that are missing stay so. Caller holds the lock.
[[nodiscard]] Result<std::vector<std::string>> mend_key_files(const SiteView& view);

} // namespace mailctl
