// SPDX-License-Identifier: Apache-2.0
// DKIM selectors and keys of the domains as they lie on disk: dkim.directory/DOMAIN/selectors.toml, SELECTOR.pem beside
// it (PKCS#8), and SELECTOR.rspamd where rspamd reads a form of its own.
#pragma once

#include "mailctl/base/result.hpp"
#include "mailctl/model/dkim.hpp"
#include "mailctl/os/paths.hpp"

#include <sys/types.h>

namespace mailctl {

[[nodiscard]] std::string dkim_directory(const Paths& paths, const Site& site);
[[nodiscard]] std::string dkim_directory_of(const Paths& paths, const Site& site, const DomainName& domain);
[[nodiscard]] std::string selectors_path(const Paths& paths, const Site& site, const DomainName& domain);
[[nodiscard]] std::string key_file_name(std::string_view selector);        // "202608r.pem"
[[nodiscard]] std::string rspamd_key_file_name(std::string_view selector); // "202608e.rspamd"
struct KeyOwner {
    uid_t user = 0;
    gid_t group = 0;
};
// To whom private keys belong; nullopt: to the caller. conflict: dkim.user, or the signer's, is no user of this system.
[[nodiscard]] Result<std::optional<KeyOwner>> find_key_owner(const Paths& paths, const Site& site);
// Empty where the domain has none. invalid: the file is damaged; then nothing is known of the domain's keys.
[[nodiscard]] Result<std::vector<DkimSelector>> find_selectors(const Paths& paths, const Site& site,
                                                               const DomainName& domain);

} // namespace mailctl
