// `mailctl apply`: files that were edited by hand come into force.
#include "mailctl/admin/settings.hpp"

#include "mailctl/cli/invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_apply(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
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
                .options = {},
                .examples = {{"mailctl apply --dry-run", "what would change"},
                             {"mailctl apply -m 'moved sales to bob'", ""}},
                .access = Access::write,
                .right = Right::site,
                .run = run_apply,
                .details = {"All or nothing: while one file is bad every finding is reported and the last good state "
                            "stays in force."},
            }},
            .also = {"reload", "commit", "rebuild"}};
}

} // namespace mailctl
