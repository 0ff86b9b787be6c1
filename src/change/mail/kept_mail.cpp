// SPDX-License-Identifier: Apache-2.0
// What is told of a kind of mail is unfinished where some of it is still due afterwards.
#include "mailctl/change/mail/kept_mail.hpp"

#include "mailctl/change/carry_through.hpp"
#include "mailctl/change/mail/claimed_mail.hpp"
#include "mailctl/change/mail/moves.hpp"
#include "mailctl/change/mail/suspended_mail.hpp"
#include "mailctl/change/mail/unmoved_mail.hpp"
#include "mailctl/site/site_state.hpp"
#include "mailctl/store/tombstones.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

using Lines = std::vector<std::string>;

void add_lines(Lines& lines, const Lines& more) { lines.insert(lines.end(), more.begin(), more.end()); }

Status move_what_is_owed(const SiteView& view, KeptMail& kept) {
    Lines notes;
    TRY(move_owed_mail(view, nullptr, notes));
    TRY_ASSIGN(const bool still, owes_mail(view.paths()));
    add_lines(still ? kept.unfinished : kept.done, notes);
    return {};
}

Status release_what_is_due(const World& world, const SiteView& view, KeptMail& kept) {
    TRY_ASSIGN(const auto notes, release_held_mail(world, view));
    if (notes.empty()) return {};
    TRY_ASSIGN(const auto left, releasable_mail(world, view));
    add_lines(left.empty() ? kept.done : kept.unfinished, notes);
    return {};
}

Result<KeptMail> foresee_kept_mail(const World& world) {
    KeptMail kept;
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY_ASSIGN(const auto due, releasable_mail(world, view));
    for (const auto& mailbox : due)
        kept.done.push_back(fmt::format("would release the mail held for '{}'", mailbox.display()));
    TRY_ASSIGN(const auto has_state, find_stamp(view.paths().state));
    if (!has_state) return kept;
    auto state = state_to_read(view);
    TRY_ASSIGN(const auto expired, expired_tombstones(state, world.clock()));
    for (const auto& tombstone : expired)
        if (!tombstone.archive->starts_with('/')) // a file that was packed is somebody's own
            kept.done.push_back(fmt::format("would remove the archived mail of '{}'", tombstone.address.display()));
    return kept;
}

} // namespace

Result<KeptMail> settle_kept_mail(const World& world, const ChangeOptions& options) {
    if (options.dry_run) return foresee_kept_mail(world);
    KeptMail kept;
    TRY_ASSIGN(const auto lock, Lock::acquire(world.paths.lock, options.lock_timeout, world.command_line));
    TRY_ASSIGN(auto finished, finish_pending(world));
    kept.done = std::move(finished.notes);
    for (const auto* error : {&finished.maps, &finished.unpacked, &finished.unmoved, &finished.taken_back})
        if (*error) kept.unfinished.push_back((*error)->what);
    TRY_ASSIGN(const auto view, SiteView::open(world));
    TRY(prepare_state(view));
    TRY(move_what_is_owed(view, kept));
    TRY(release_what_is_due(world, view, kept));
    TRY_ASSIGN(const auto expired, expire_archives(world, view));
    add_lines(kept.done, expired);
    TRY(settle_all_candidates(view, kept.done));
    return kept;
}

} // namespace mailctl
