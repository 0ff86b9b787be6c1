// SPDX-License-Identifier: Apache-2.0
// What mailctl wrote itself is set right; nothing else in the directories is touched.
#include "mailctl/change/maps/key_files.hpp"

#include "mailctl/os/files.hpp"
#include "mailctl/os/signing_keys.hpp"
#include "mailctl/site/dkim_keys.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace mailctl {
namespace {

struct MendedKeys {
    std::optional<KeyOwner> owner;
    DkimSigner signer;
    std::vector<std::string> said;
};

// Only what its directory's owner may write there can be in it, and that is us: a link is not followed.
Status give_key(const std::string& path, MendedKeys& mended) {
    struct stat status {};
    if (!mended.owner || ::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    if (status.st_uid == mended.owner->user) return {};
    if (::lchown(path.c_str(), mended.owner->user, mended.owner->group) != 0)
        return fail(system_error(errno, "cannot set the owner of", path));
    mended.said.push_back(fmt::format("gave '{}' to the signer", path));
    return {};
}

Status derive_key(const std::string& pem_file, const std::string& path, MendedKeys& mended) {
    TRY_ASSIGN(const auto there, find_stamp(path));
    TRY_ASSIGN(const auto pem, find_file(pem_file));
    if (there || !pem) return {};
    TRY_ASSIGN(const auto key, read_signing_key(*pem));
    FileMode mode{0600, std::nullopt};
    if (mended.owner) {
        mode.owner = mended.owner->user;
        mode.group = mended.owner->group;
    }
    TRY(replace_file(path, key.seed + "\n", mode));
    mended.said.push_back(fmt::format("made '{}'", path));
    return {};
}

Status mend_domain(const SiteView& view, const DomainName& domain, MendedKeys& mended) {
    const auto selectors = find_selectors(view.paths(), view.site(), domain);
    if (!selectors) return {}; // the maps say so
    const auto directory = dkim_directory_of(view.paths(), view.site(), domain);
    for (const auto& selector : *selectors) {
        if (selector.state == SelectorState::gone) continue;
        const auto pem = directory + "/" + key_file_name(selector.name);
        const auto derived = directory + "/" + rspamd_key_file_name(selector.name);
        if (mended.signer == DkimSigner::rspamd && selector.algorithm == DkimAlgorithm::ed25519) {
            TRY(derive_key(pem, derived, mended));
        }
        TRY(give_key(pem, mended));
        TRY(give_key(derived, mended));
    }
    return {};
}

} // namespace

Result<std::vector<std::string>> mend_key_files(const SiteView& view) {
    MendedKeys mended{{}, view.site().dkim.signer, {}};
    TRY_ASSIGN(const auto there, find_stamp(dkim_directory(view.paths(), view.site())));
    if (!there || mended.signer == DkimSigner::none) return mended.said;
    const auto owner = find_key_owner(view.paths(), view.site());
    if (!owner) return std::vector{fmt::format("warning: {}", owner.error().what)};
    mended.owner = *owner;
    TRY_ASSIGN(const auto domains, view.applied_domain_names());
    for (const auto& domain : domains) {
        TRY(mend_domain(view, domain, mended));
    }
    return mended.said;
}

} // namespace mailctl
