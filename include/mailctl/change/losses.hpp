// SPDX-License-Identifier: Apache-2.0
// What an edit by hand would take away. A domain file that is empty, cut off where it still parses, or gone says
// nothing of what was in it, and all of its mail would leave: more often a mishap than a wish. So:
//
//  - Only `mailctl apply` carries it out. Every other change of such a file is refused; changes of other files go on.
//  - Mailboxes go with --yes, or a yes on a terminal; a whole domain with --confirm=NAME. An edit that nobody agreed
//    to is left as it is, and named each time; all others are applied.
//  - No domain file at all, and more than a tenth of the site's mailboxes (and more than ten) at once, is an error,
//    unless each domain that loses some is confirmed by name.
//
// The record says for which domains that was so: mailboxes of theirs that come back by hand get their mail back.
#pragma once

#include "mailctl/change/changes.hpp"
#include "mailctl/routing/changed_site.hpp"

namespace mailctl {

struct Loss {
    SourceFile file;
    bool whole_domain = false;
    std::vector<Address> mailboxes; // applied, and not in the file
};
// Of drafts whose file was edited by hand; `models` may lack some. What does not parse loses nothing: it is refused.
[[nodiscard]] Result<std::vector<Loss>> find_losses(const SiteView& view, std::span<const Draft> drafts,
                                                    const ChangedDomains& before, const ChangedDomains& after);

// conflict: there is a loss, and this is not `mailctl apply`.
[[nodiscard]] Status refuse_losses(const SiteView& view, std::span<const Loss> losses);
// The losses that nobody agreed to; asks on a terminal. conflict: far too much would go.
[[nodiscard]] Result<std::vector<Loss>> not_agreed(const SiteView& view, const ChangeOptions& options,
                                                   const std::vector<Loss>& losses);
[[nodiscard]] std::string format_loss(const SiteView& view, const Loss& loss); // one sentence, with the remedy

// `after` is what somebody has just typed for the domain: mailboxes that it leaves out go only with --yes, or a yes on
// a terminal. usage: there is nobody to ask; failed: the answer was no.
[[nodiscard]] Status ask_about_losses(const SiteView& view, const ChangeOptions& options, const Domain& after);

// Orders for the mail of mailboxes that an edit by hand brings back after an edit by hand took them away.
[[nodiscard]] Result<std::vector<MailOrder>> returning_mail(const SiteView& view, std::span<const Draft> drafts,
                                                            const ChangedDomains& before, const ChangedDomains& after);

} // namespace mailctl
