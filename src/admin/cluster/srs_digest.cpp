// SPDX-License-Identifier: Apache-2.0
#include "srs_digest.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/store/recipient.hpp"

namespace mailctl {

Result<std::string> srs_digest(const SiteView& view) {
    TRY_ASSIGN(const auto keys, load_srs_keys(view.paths(), view.site()));
    if (keys.secrets.empty()) return std::string();
    return sha256("mailctl srs\n" + join(keys.secrets, "\n"));
}

} // namespace mailctl
