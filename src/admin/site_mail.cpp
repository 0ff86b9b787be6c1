// Whose mail it is follows from the site's settings.
#include "mailctl/admin/site_mail.hpp"

#include "mailctl/maildir/mail_owner.hpp"

namespace mailctl {

Result<MailStore> open_store(const SiteView& view) {
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    return MailStore::open(view.paths().mail, view.site().hostname.text(), owner);
}

} // namespace mailctl
