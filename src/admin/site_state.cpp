// Whose state it is follows from the site's settings.
#include "mailctl/admin/site_state.hpp"

#include "mailctl/maildir/mail_owner.hpp"

namespace mailctl {

Result<State> state_of(const SiteView& view) {
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    return State::of_administrator(view.paths(), owner);
}

} // namespace mailctl
