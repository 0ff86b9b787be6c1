// SPDX-License-Identifier: Apache-2.0
// Whose state it is follows from the site's settings.
#include "mailctl/site/site_state.hpp"

#include "mailctl/maildir/mail_owner.hpp"
#include "mailctl/os/files.hpp"

#include <fmt/format.h>

namespace mailctl {

Result<State> state_of(const SiteView& view) {
    TRY_ASSIGN(const auto there, find_stamp(view.paths().state));
    if (!there)
        return fail(ErrorKind::temporary, fmt::format("'{}' is missing", view.paths().state),
                    "'mailctl apply' makes it, and remembers there what the mail root tells");
    TRY_ASSIGN(const auto owner, find_mail_owner(view.paths(), view.site().mail));
    return State::of_administrator(view.paths(), owner);
}

State state_to_read(const SiteView& view) { return State::of_reader(view.paths()); }

Status prepare_state(const SiteView& view) {
    TRY_ASSIGN(auto state, state_of(view));
    TRY(state.turn());
    return {};
}

State state_of_mail_user(const SiteView& view) { return State::of_reader(view.paths()); }

void tell_skipped(State& state, std::vector<std::string>& notes) {
    const auto skipped = state.take_skipped();
    notes.insert(notes.end(), skipped.begin(), skipped.end());
}

} // namespace mailctl
