// SPDX-License-Identifier: Apache-2.0
// systemctl(1).
#include "mailctl/change/signer.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mailctl {

bool is_signing_map(std::string_view name) {
    return name == "opendkim-keys" || name == "opendkim-signing" || name == "rspamd-dkim_signing.conf";
}

std::vector<std::string> reload_signer(const Paths& paths, const Site& site) {
    if (!paths.root.empty() || site.dkim.signer == DkimSigner::none) return {};
    const std::string unit(signer_name(site.dkim.signer));
    const auto active = run({"systemctl", "is-active", "--quiet", unit});
    if (!active || active->status != 0)
        return {fmt::format("{} does not run as a service here: have it read its tables again", unit)};
    const auto done = run({"systemctl", "reload", unit});
    if (done && done->status == 0) return {fmt::format("reloaded {}", unit)};
    auto reason = done ? std::string(trim(done->error_output)) : done.error().what;
    std::ranges::replace(reason, '\n', ' ');
    return {fmt::format("warning: {} could not be reloaded, and signs as before: {}", unit, printable(reason)),
            fmt::format("hint: systemctl reload {}", unit)};
}

} // namespace mailctl
