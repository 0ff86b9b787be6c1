// SPDX-License-Identifier: Apache-2.0
// Whose mail it is follows from the site's settings. The mail root is opened before the child becomes another: what
// lies above it need not be open to the mail user.
#include "mailctl/site/site_mail.hpp"

#include "mailctl/maildir/beneath.hpp"
#include "mailctl/maildir/mail_owner.hpp"

#include <fcntl.h>

namespace mailctl {

Result<std::optional<MailOwner>> mail_user_to_become(const SiteView& view) {
    TRY_ASSIGN(auto owner, find_mail_owner(view.paths(), view.site().mail));
    if (owner && owner->user == 0) return std::nullopt;
    return owner;
}

Result<Words> work_on_mail(const SiteView& view, const std::function<Result<Words>(const MailStore&)>& work,
                           const WorkLimits& limits) {
    TRY_ASSIGN(const auto user, mail_user_to_become(view));
    TRY_ASSIGN(const auto store, MailStore::open(view.paths().mail, view.site().hostname.text()));
    return as_mail_user(
        user, [&] { return work(store); }, limits);
}

bool has_mail_place(const SiteView& view, const std::string& place) {
    const auto store = MailStore::open(view.paths().mail, view.site().hostname.text());
    if (!store) return store.error().kind != ErrorKind::missing;
    const auto root = store->open_root();
    if (!root) return root.error().kind != ErrorKind::missing;
    const auto found = open_beneath(root->get(), place, O_PATH);
    return found || found.error().kind != ErrorKind::missing;
}

} // namespace mailctl
