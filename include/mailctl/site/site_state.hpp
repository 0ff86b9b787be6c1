// SPDX-License-Identifier: Apache-2.0
// The site's state.db from the administrator's side: upgraded and given to the mail user by its first use.
#pragma once

#include "mailctl/site/site_view.hpp"
#include "mailctl/store/state.hpp"

namespace mailctl {

// temporary: there is none; recall_lost_state alone makes it, for an empty one would hide what was lost. invalid:
// mail.user or mail.group is no account of this system.
[[nodiscard]] Result<State> state_of(const SiteView& view);
// For readers, who neither make nor upgrade it.
[[nodiscard]] State state_to_read(const SiteView& view);

// It is there and up to date.
[[nodiscard]] Status prepare_state(const SiteView& view);
// For work on mail (work_on_mail), after prepare_state: the mail user can open it, but not make it.
[[nodiscard]] State state_of_mail_user(const SiteView& view);

// A note of the rows that were passed over since `state` was opened, if there were any.
void tell_skipped(State& state, std::vector<std::string>& notes);

} // namespace mailctl
