// SPDX-License-Identifier: Apache-2.0
// `mailctl apply`: files that were edited by hand come into force.
#include "mailctl/admin/settings.hpp"

#include "danger.hpp"

namespace mailctl {
namespace {

Result<Report> run_apply(Invocation& invocation) {
    TRY_ASSIGN(ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(options.confirmed, read_domains_confirmed(invocation));
    return apply_hand_edits(invocation.world, options);
}

} // namespace

Noun apply_noun() {
    return {.name = "apply",
            .summary = "bring files edited by hand into force",
            .commands = {{
                .noun = "apply",
                .verb = "",
                .summary = "compile files edited by hand, and rebuild what depends on them",
                .positionals = {},
                .options = {{.long_name = "confirm",
                             .value = "DOMAIN",
                             .help = "the file of this domain is gone, and the domain is to go, too",
                             .repeatable = true,
                             .values = Values::domain}},
                .examples = {{"mailctl apply --dry-run", "what would change"},
                             {"mailctl apply -m 'moved sales to bob'", ""}},
                .access = Access::write,
                .right = Right::site,
                .run = run_apply,
                .details = {"All or nothing: while one file is bad every finding is reported and the last good state "
                            "stays in force.",
                            "An edit that leaves mailboxes out asks first, or needs --yes; a domain whose file is gone "
                            "needs --confirm with its name. Without that the edit stays as it is and is named, all "
                            "others are applied, and the status is 4. Mailboxes that come back get their mail back."},
            }},
            .also = {"reload", "commit", "rebuild"}};
}

} // namespace mailctl
