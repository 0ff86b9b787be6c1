// SPDX-License-Identifier: Apache-2.0
// `mailctl catchall`: what happens to mail for names nobody claims.
#include "mailctl/admin/addresses.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_catchall_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return show_catchalls(invocation.world, domains);
}

Result<Report> run_catchall_set(Invocation& invocation) {
    TRY_ASSIGN(const DomainName domain, DomainName::parse(invocation.words[0]));
    TRY_ASSIGN(const UnknownAction action, parse_unknown_action(invocation.words[1], domain));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_catchall(invocation.world, domain, action, options);
}

} // namespace

Noun catchall_noun() {
    return {
        .name = "catchall",
        .summary = "what happens to names nobody claims",
        .commands =
            {
                {.noun = "catchall",
                 .verb = "show",
                 .summary = "show what happens to unknown names",
                 .positionals = {{"DOMAIN", Count::any, Values::domain}},
                 .options = {},
                 .examples = {{"mailctl catchall show example.org", ""}, {"mailctl catchall show", "of all domains"}},
                 .access = Access::read,
                 .right = Right::domain,
                 .run = run_catchall_show},
                {.noun = "catchall",
                 .verb = "set",
                 .summary = "say what happens to unknown names",
                 .positionals = {{"DOMAIN", Count::one, Values::domain},
                                 {"ACTION", Count::one, Values::unknown_action, {}, false}},
                 .options = {},
                 .examples = {{"mailctl catchall set example.org reject", "unknown user: the usual"},
                              {"mailctl catchall set example.org redirect:ann@example.org", "somebody gets it all"},
                              {"mailctl catchall set example.org domain:example.net",
                               "the same local part is tried there"}},
                 .access = Access::write,
                 .right = Right::domain,
                 .run = run_catchall_set,
                 .details = {"ACTION is reject, discard, candidate, redirect:ADDRESS[,ADDRESS...] or domain:DOMAIN.",
                             "With candidate the names are recorded and their mail is held: see "
                             "mailctl-candidate(8).",
                             "A catch-all never takes mail from a mailbox, alias, forward or banished name."}},
            },
        .also = {"catch-all", "catchrest", "default", "unknown"}};
}

} // namespace mailctl
