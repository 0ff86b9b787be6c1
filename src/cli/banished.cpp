// SPDX-License-Identifier: Apache-2.0
// `mailctl banished`: names that take no mail.
#include "mailctl/admin/addresses.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_banished_add(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> names, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    const BanAnswer answer = invocation.arguments.find("answer") == "reject" ? BanAnswer::reject : BanAnswer::discard;
    return add_banished(invocation.world, names, answer, options);
}

Result<Report> run_banished_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_banished(invocation.world, domains);
}

Result<Report> run_banished_remove(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> names, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return remove_banished(invocation.world, names, options);
}

} // namespace

Noun banished_noun() {
    return {.name = "banished",
            .summary = "names that take no mail",
            .commands =
                {
                    {.noun = "banished",
                     .verb = "add",
                     .summary = "banish names or patterns",
                     .positionals = {{"ADDRESS|PATTERN", Count::many}},
                     .options = {{.long_name = "answer",
                                  .value = "ANSWER",
                                  .help = "discard (silently, the default) or reject",
                                  .values = Values::choice,
                                  .choices = {"discard", "reject"}}},
                     .examples = {{"mailctl banished add i.am.spam@example.org", "lost in silence"},
                                  {"mailctl banished add 'promo-*@example.org' --answer reject",
                                   "* any run, ? any character"}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_banished_add,
                     .details = {"The first pattern that matches decides. A name held by a mailbox, alias or forward "
                                 "can't be banished, and a pattern over "
                                 "such names only with --yes."}},
                    {.noun = "banished",
                     .verb = "list",
                     .summary = "list banished names",
                     .positionals = {{"DOMAIN", Count::any, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl banished list example.org", ""}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_banished_list},
                    {.noun = "banished",
                     .verb = "remove",
                     .summary = "let names take mail again",
                     .positionals = {{"ADDRESS|PATTERN", Count::many, Values::banished}},
                     .options = {},
                     .examples = {{"mailctl banished remove 'promo-*@example.org'", ""}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_banished_remove},
                },
            .also = {"ban", "banned", "blacklist", "blocklist", "block"}};
}

} // namespace mailctl
