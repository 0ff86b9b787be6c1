// SPDX-License-Identifier: Apache-2.0
// `mailctl forward`: addresses that only pass mail on.
#include "mailctl/admin/addresses.hpp"

#include "invocation.hpp"
#include "mailctl/config/account_keys.hpp"

namespace mailctl {
namespace {

Result<Report> run_forward_create(Invocation& invocation) {
    TRY(check_has_name(invocation.words.front()));
    TRY_ASSIGN(const Address address, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(const std::vector<Address> targets,
               read_targets(std::span(invocation.words).subspan(1), address.domain));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_forward(invocation.world, address, targets, options);
}

Result<Report> run_forward_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_forwards(invocation.world, domains);
}

Result<Report> run_forward_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_forwards(invocation.world, addresses);
}

Result<Report> run_forward_set(Invocation& invocation) {
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    if (words.targets.size() > 1) return fail(ErrorKind::usage, "'forward set' takes one address");
    TRY_ASSIGN(const Address address, read_address(invocation, words.targets.front()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_forward(invocation.world, address, words.assignments, options);
}

Result<Report> run_forward_delete(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_forwards(invocation.world, addresses, options);
}

} // namespace

Noun forward_noun() {
    const Positional one{"ADDRESS", Count::one, Values::forward};
    const Positional many{"ADDRESS", Count::many, Values::forward};
    return {
        .name = "forward",
        .summary = "addresses that only pass mail on",
        .commands =
            {
                {.noun = "forward",
                 .verb = "create",
                 .summary = "make an address that passes mail on",
                 .positionals = {{"ADDRESS", Count::one, Values::fresh},
                                 {"TARGET", Count::many, Values::address, {}, false}},
                 .options = {},
                 .examples = {{"mailctl forward create info@example.org ann@example.org someone@elsewhere.example", ""},
                              {"mailctl forward create info@example.org ann bob",
                               "local parts are of the same domain"}},
                 .access = Access::write,
                 .right = Right::domain,
                 .run = run_forward_create},
                {.noun = "forward",
                 .verb = "list",
                 .summary = "list forwards",
                 .positionals = {{"DOMAIN", Count::any, Values::domain}},
                 .options = {},
                 .examples = {{"mailctl forward list example.org", ""}},
                 .access = Access::read,
                 .right = Right::domain,
                 .run = run_forward_list},
                {.noun = "forward",
                 .verb = "show",
                 .summary = "show where forwards lead",
                 .positionals = {many},
                 .options = {},
                 .examples = {{"mailctl forward show info@example.org", ""}},
                 .access = Access::read,
                 .right = Right::domain,
                 .run = run_forward_show},
                {.noun = "forward",
                 .verb = "set",
                 .summary = "change the targets of a forward",
                 .positionals = {one, {"KEY=VALUE", Count::many, Values::key, setting_names(AccountKind::forward)}},
                 .options = {},
                 .examples =
                     {{"mailctl forward set info@example.org to+=bob@example.org", "add a target; -= removes one"},
                      {"mailctl forward set info@example.org to=ann@example.org,bob@example.org", "replace them all"}},
                 .access = Access::write,
                 .right = Right::domain,
                 .run = run_forward_set,
                 .details = {"The key is: to."},
                 .owner_keys = setting_names(AccountKind::forward, SetBy::owner)},
                {.noun = "forward",
                 .verb = "delete",
                 .summary = "delete forwards",
                 .positionals = {many},
                 .options = {},
                 .examples = {{"mailctl forward delete info@example.org", ""}},
                 .access = Access::write,
                 .right = Right::domain,
                 .run = run_forward_delete},
            },
        .also = {"forwards", "redirect"}};
}

} // namespace mailctl
