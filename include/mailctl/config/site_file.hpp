// mailctl.toml's text to a Site, with defaults. Strict like the domain file; see mailctl.toml(5).
#pragma once

#include "mailctl/config/diagnostic.hpp"
#include "mailctl/model/site.hpp"

#include <string_view>

namespace mailctl {

[[nodiscard]] Result<Site> parse_site(std::string_view text, std::string_view file);
// The commented file that `mailctl init` writes; keys at their default stand there commented out.
[[nodiscard]] std::string compose_site(const DomainName& hostname, const std::optional<Address>& postmaster);
// Every key with its value in TOML syntax, whether it is the default, and one line of help: `config show`, man page test.
struct SiteKey {
    std::string key, value, help;
    bool is_default = true;
};
[[nodiscard]] std::vector<SiteKey> site_keys(const Site& site);

} // namespace mailctl
