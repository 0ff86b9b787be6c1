// SPDX-License-Identifier: Apache-2.0
#include "host_keys.hpp"

#include "mailctl/change/server_reload.hpp"
#include "mailctl/os/certificates.hpp"

#include <algorithm>

namespace mailctl {
namespace {

// Certificate and key are often in two files.
void add_host_key(std::vector<HostKey>& keys, std::string digest, const std::string& file) {
    if (std::ranges::find(keys, digest, &HostKey::digest) == keys.end()) keys.push_back({std::move(digest), file});
}

} // namespace

Result<HostKeys> find_host_keys(const SiteView& view, std::span<const std::string> next) {
    HostKeys keys;
    for (const auto& file : postfix_certificates(view.paths(), view.site()))
        if (auto digest = public_key_digest(file)) add_host_key(keys.in_use, std::move(*digest), file);
    for (const auto& file : next) {
        TRY_ASSIGN(auto digest, public_key_digest(file));
        add_host_key(keys.next, std::move(digest), file);
    }
    return keys;
}

} // namespace mailctl
