// SPDX-License-Identifier: Apache-2.0
// `mailctl list`: distribution lists of this site's mailboxes.
#include "mailctl/admin/lists.hpp"

#include "invocation.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/account_keys.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

struct Members {
    Address list;
    std::vector<Address> members;
};

Result<Members> read_members(const Invocation& invocation) {
    TRY_ASSIGN(const Address list, read_address(invocation, invocation.words.front()));
    TRY_ASSIGN(std::vector<Address> members, read_targets(std::span(invocation.words).subspan(1), list.domain));
    return Members{list, std::move(members)};
}

Result<Report> run_list_create(Invocation& invocation) {
    TRY_ASSIGN(auto named, read_members(invocation));
    NewList list{std::move(named.list), std::move(named.members), {}, {}};
    if (const auto post = invocation.arguments.find("post")) {
        TRY_ASSIGN(list.post, read_posters(*post, list.address.domain));
    }
    if (const auto owner = invocation.arguments.find("owner")) {
        TRY_ASSIGN(list.owner, parse_target(*owner, list.address.domain));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_list(invocation.world, list, options);
}

Result<Report> run_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_lists(invocation.world, domains);
}

Result<Report> run_list_show(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    return show_lists(invocation.world, addresses);
}

Result<Report> run_list_set(Invocation& invocation) {
    TRY_ASSIGN(const TargetsAndAssignments words, read_assignments(invocation.words));
    if (words.targets.size() > 1) return fail(ErrorKind::usage, "'list set' takes one address");
    TRY_ASSIGN(const Address address, read_address(invocation, words.targets.front()));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_list(invocation.world, address, words.assignments, options);
}

Result<Report> run_list_add(Invocation& invocation) {
    TRY_ASSIGN(const auto named, read_members(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return add_members(invocation.world, named.list, named.members, options);
}

Result<Report> run_list_remove(Invocation& invocation) {
    TRY_ASSIGN(const auto named, read_members(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return remove_members(invocation.world, named.list, named.members, options);
}

Result<Report> run_list_delete(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> addresses, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_lists(invocation.world, addresses, options);
}

const Positional one_list{"ADDRESS", Count::one, Values::list};
const Positional many_lists{"ADDRESS", Count::many, Values::list};
const Positional members{"MEMBER", Count::many, Values::member, {}, false};

Command create_list_command() {
    return {.noun = "list",
            .verb = "create",
            .summary = "make a distribution list",
            .positionals = {{"ADDRESS", Count::one, Values::fresh}, members},
            .options = {{.long_name = "post",
                         .value = "POLICY",
                         .help = "who may post: anyone, domain, members, or ADDRESS[,ADDRESS...]"},
                        {.long_name = "owner",
                         .value = "ADDRESS",
                         .help = "the address that gets its bounces; postmaster by default",
                         .values = Values::address}},
            .examples = {{"mailctl list create sales@example.org ann bob@example.net", ""},
                         {"mailctl list create staff@example.org ann bob --post members --owner ann",
                          "local parts are of the same domain"}},
            .access = Access::write,
            .right = Right::domain,
            .run = run_list_create,
            .details = {"Members are mailboxes and lists of this site. The name ADDRESS-owner, unless somebody holds "
                        "it, is the sender of what the list sends and leads to its owner."}};
}

Command set_list_command() {
    return {
        .noun = "list",
        .verb = "set",
        .summary = "change a list",
        .positionals = {one_list, {"KEY=VALUE", Count::many, Values::key, setting_names(AccountKind::list)}},
        .options = {},
        .examples = {{"mailctl list set staff@example.org post=domain", "only senders of the domain may post"},
                     {"mailctl list set news@example.org post=ann@example.org,bob@example.org owner=ann", ""}},
        .access = Access::write,
        .right = Right::domain,
        .run = run_list_set,
        .details = {fmt::format("Keys: {}. += adds to members or to the addresses of post, -= removes. An empty value "
                                "means the default.",
                                join(setting_names(AccountKind::list), ", "))},
        .owner_keys = setting_names(AccountKind::list, SetBy::owner)};
}

} // namespace

Noun list_noun() {
    return {.name = "list",
            .summary = "distribution lists of mailboxes",
            .commands =
                {
                    create_list_command(),
                    {.noun = "list",
                     .verb = "list",
                     .summary = "list the lists",
                     .positionals = {{"DOMAIN", Count::any, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl list list example.org", ""}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_list},
                    {.noun = "list",
                     .verb = "show",
                     .summary = "show members, owner and who may post",
                     .positionals = {many_lists},
                     .options = {},
                     .examples = {{"mailctl list show sales@example.org", ""}},
                     .access = Access::read,
                     .right = Right::domain,
                     .run = run_list_show},
                    set_list_command(),
                    {.noun = "list",
                     .verb = "add",
                     .summary = "add members to a list",
                     .positionals = {one_list, members},
                     .options = {},
                     .examples = {{"mailctl list add sales@example.org carol dave@example.net", ""}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_list_add},
                    {.noun = "list",
                     .verb = "remove",
                     .summary = "take members off a list",
                     .positionals = {one_list, {"MEMBER", Count::many, Values::listed, {}, false}},
                     .options = {},
                     .examples = {{"mailctl list remove sales@example.org carol", ""}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_list_remove},
                    {.noun = "list",
                     .verb = "delete",
                     .summary = "delete lists",
                     .positionals = {many_lists},
                     .options = {},
                     .examples = {{"mailctl list delete sales@example.org", ""}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_list_delete},
                },
            .also = {"lists", "maillist", "mailinglist"}};
}

} // namespace mailctl
