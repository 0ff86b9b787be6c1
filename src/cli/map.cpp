// SPDX-License-Identifier: Apache-2.0
// `mailctl map`: the files that Postfix and Dovecot read.
#include "mailctl/admin/maps.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_map_build(Invocation& invocation) {
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return build_maps(invocation.world, options,
                      invocation.arguments.has("tls") ? Certificates::renewed : Certificates::as_told);
}
Result<Report> run_map_check(Invocation& invocation) { return check_maps(invocation.world); }
Result<Report> run_map_diff(Invocation& invocation) { return diff_maps(invocation.world); }
Result<Report> run_map_show(Invocation& invocation) { return show_maps(invocation.world, invocation.words); }

} // namespace

Noun map_noun() {
    return {.name = "map",
            .summary = "the files that Postfix and Dovecot read",
            .commands =
                {
                    {.noun = "map",
                     .verb = "build",
                     .summary = "render, validate and install all maps",
                     .positionals = {},
                     .options = {{"tls", 0, "", "if a certificate is another, reload Postfix and Dovecot"}},
                     .examples = {{"mailctl map build", "after a change by hand, 'mailctl apply' does this too"},
                                  {"mailctl map build --tls", "as deploy hook of an ACME client"}},
                     .access = Access::write,
                     .right = Right::site,
                     .run = run_map_build,
                     .details =
                         {"Each map is installed atomically, with the index Postfix wants. Every change through "
                          "mailctl builds what it touches by itself.",
                          "With --tls certificates are compared with those that Postfix and Dovecot were last "
                          "told of, whatever their times. If one is another it is read into the index that Postfix "
                          "reads, and both are reloaded where they run; status 1: one of them was not, and the next "
                          "call tries again. Status 5: a domain's certificate is of no use, or refused by clients."}},
                    {.noun = "map",
                     .verb = "check",
                     .summary = "compare the installed maps with the domain files",
                     .positionals = {},
                     .options = {},
                     .examples = {{"mailctl map check || mailctl map diff",
                                   "status 5: a map is missing, stale or edited by hand"}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_map_check},
                    {.noun = "map",
                     .verb = "diff",
                     .summary = "show how the installed maps differ",
                     .positionals = {},
                     .options = {},
                     .examples = {{"mailctl map diff", "what 'mailctl map build' would change"}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_map_diff},
                    {.noun = "map",
                     .verb = "show",
                     .summary = "print maps as they should be",
                     .positionals = {{"NAME", Count::any, Values::map}},
                     .options = {},
                     .examples = {{"mailctl map show", "all of them"}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_map_show},
                },
            .also = {"maps", "postmap"}};
}

} // namespace mailctl
