// SPDX-License-Identifier: Apache-2.0
// The site's mail root from the administrator's side: all work on mail is the mail user's, whoever calls
// (maildir/as_mail_user says why).
#pragma once

#include "mailctl/maildir/as_mail_user.hpp"
#include "mailctl/site/site_view.hpp"

namespace mailctl {

// Whom this process must become for work on mail; nullopt: nobody, for it is not root, or mail is root's own. invalid:
// mail.user or mail.group is no account of this system.
[[nodiscard]] Result<std::optional<MailOwner>> mail_user_to_become(const SiteView& view);

// What `work` says after it was done as the mail user. temporary: the root is not there; as as_mail_user.
[[nodiscard]] Result<Words> work_on_mail(const SiteView& view,
                                         const std::function<Result<Words>(const MailStore&)>& work,
                                         const WorkLimits& limits = {});

// Whether a place below the mail root exists, without touching it; false where there is no mail root. True where that
// cannot be found out: whoever goes on to work there will hear why.
[[nodiscard]] bool has_mail_place(const SiteView& view, const std::string& place);

} // namespace mailctl
