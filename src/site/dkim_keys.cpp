// SPDX-License-Identifier: Apache-2.0
// Paths, and the one file that tells.
#include "mailctl/site/dkim_keys.hpp"

#include "mailctl/config/selectors_file.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/name_service.hpp"
#include "mailctl/store/history.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace mailctl {

std::string dkim_directory(const Paths& paths, const Site& site) {
    return site.dkim.directory.empty() ? paths.lib + "/dkim" : site.dkim.directory;
}

std::string dkim_directory_of(const Paths& paths, const Site& site, const DomainName& domain) {
    return dkim_directory(paths, site) + "/" + domain.text();
}

std::string selectors_path(const Paths& paths, const Site& site, const DomainName& domain) {
    return dkim_directory_of(paths, site, domain) + "/selectors.toml";
}

std::string key_file_name(std::string_view selector) { return fmt::format("{}.pem", selector); }
std::string rspamd_key_file_name(std::string_view selector) { return fmt::format("{}.rspamd", selector); }

namespace {

std::string key_user(const Paths& paths, const Site& site) {
    if (!site.dkim.user.empty() || !paths.root.empty()) return site.dkim.user;
    switch (site.dkim.signer) {
    case DkimSigner::opendkim:
        return "opendkim";
    case DkimSigner::rspamd:
        return "_rspamd";
    case DkimSigner::none:
        break;
    }
    return {};
}

} // namespace

Result<std::optional<KeyOwner>> find_key_owner(const Paths& paths, const Site& site) {
    const auto name = key_user(paths, site);
    if (name.empty() || ::geteuid() != 0) return std::nullopt;
    TRY_ASSIGN(const auto account, find_account(name));
    if (!account)
        return fail(ErrorKind::conflict,
                    fmt::format("private keys are to belong to '{}', who is not a user of this system", name),
                    "install the signer first, or name another: mailctl config set dkim.user=NAME");
    return KeyOwner{account->user, account->group};
}

namespace {

// What a change that is committed, but not carried through, has staged for the file: readers look through it.
Result<std::optional<std::string>> find_committed(const Paths& paths, const std::string& path) {
    TRY_ASSIGN(auto staged, find_file(staged_path(path)));
    if (!staged) return staged;
    TRY_ASSIGN(const auto record, find_pending(paths.history));
    if (!record) staged.reset();
    return staged;
}

} // namespace

Result<std::vector<DkimSelector>> find_selectors(const Paths& paths, const Site& site, const DomainName& domain) {
    const auto path = selectors_path(paths, site, domain);
    TRY_ASSIGN(auto text, find_committed(paths, path));
    if (!text) {
        TRY_ASSIGN(text, find_file(path));
    }
    if (!text) return std::vector<DkimSelector>();
    return parse_selectors(*text, path);
}

} // namespace mailctl
