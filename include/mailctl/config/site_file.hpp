// SPDX-License-Identifier: Apache-2.0
// mailctl.toml's text to a Site, with defaults. Strict like the domain file; see mailctl.toml(5). One table of keys
// serves parsing, `config show`, the new file and the man page's test.
#pragma once

#include "mailctl/config/toml/diagnostic.hpp"
#include "mailctl/config/toml/value.hpp"
#include "mailctl/model/site.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// An Error is of kind invalid and lists every diagnostic. The empty string stands for "not set" where that is the
// default.
[[nodiscard]] Result<Site> parse_site(std::string_view text, std::string_view file);
// The same, as diagnostics. Empty = good.
[[nodiscard]] std::vector<Diagnostic> check_site(std::string_view text, std::string_view file);
// The commented file that `mailctl init` writes; keys at their default stand there commented out.
[[nodiscard]] std::string compose_site(const DomainName& hostname, const std::optional<Address>& postmaster);
// Every key with its value in TOML syntax, whether it is the default, and one line of help: `config show`, man page
// test.
struct SiteKey {
    KeyPath path;                 // {"delivery", "srs"}
    std::string key, value, help; // "delivery.srs", "true"
    bool is_default = true;
    bool elements_hold_spaces = false; // of a list: a comma alone parts them
};
[[nodiscard]] std::vector<SiteKey> site_keys(const Site& site);
// The same as values, of the keys that every site has.
struct SettingValue {
    KeyPath path;
    Value value;
};
[[nodiscard]] std::vector<SettingValue> setting_values(const Site& site);

} // namespace mailctl
