// The site's state.db from the administrator's side: made, upgraded and given to the mail user by its first use.
#pragma once

#include "mailctl/admin/site_view.hpp"
#include "mailctl/store/state.hpp"

namespace mailctl {

// invalid: mail.user or mail.group is no account of this system.
[[nodiscard]] Result<State> state_of(const SiteView& view);

} // namespace mailctl
