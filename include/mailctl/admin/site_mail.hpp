// The site's mail root from the administrator's side: what is made there belongs to the mail user.
#pragma once

#include "mailctl/admin/site_view.hpp"
#include "mailctl/maildir/maildir.hpp"

namespace mailctl {

// temporary: the root is not there. invalid: mail.user or mail.group is no account of this system.
[[nodiscard]] Result<MailStore> open_store(const SiteView& view);

} // namespace mailctl
