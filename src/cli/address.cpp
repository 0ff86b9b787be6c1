// SPDX-License-Identifier: Apache-2.0
// `mailctl address`: all addresses of a domain, whatever they are.
#include "mailctl/admin/address_list.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_address_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    AddressFilter filter{
        .kinds = invocation.arguments.all("kind"), .state = invocation.arguments.find("state"), .to = std::nullopt};
    if (const auto to = invocation.arguments.find("to")) {
        TRY_ASSIGN(filter.to, read_address(invocation, *to));
    }
    return list_addresses(invocation.world, domains, filter);
}

} // namespace

Noun address_noun() {
    return {.name = "address",
            .summary = "all addresses of a domain, whatever they are",
            .commands =
                {{.noun = "address",
                  .verb = "list",
                  .summary = "list every address of domains, and where it leads",
                  .positionals = {{"DOMAIN", Count::any, Values::domain}},
                  .options = {{.long_name = "kind",
                               .value = "KIND",
                               .help = "only mailbox, alias, forward, robot, list, list-owner, banished, postmaster "
                                       "or unknown; may be given more than once",
                               .repeatable = true,
                               .values = Values::choice,
                               .choices = address_kinds()},
                              {.long_name = "to",
                               .value = "ADDRESS",
                               .help = "only those that lead straight to this address",
                               .values = Values::address},
                              {.long_name = "state",
                               .value = "STATE",
                               .help = "only active, suspended, disabled, rejects, discards or holds",
                               .values = Values::choice,
                               .choices = address_states()}},
                  .examples = {{"mailctl address list example.org", ""},
                               {"mailctl address list --to ann@example.org", "whatever reaches her, in all domains"},
                               {"mailctl address list --kind forward --kind list --json", ""}},
                  .access = Access::read,
                  .right = Right::domain,
                  .run = run_address_list,
                  .details = {"'*@example.org' stands for all names that nobody claims. A mailbox that keeps its mail "
                              "leads to itself first. Other names of a domain (alias-add) have the same addresses "
                              "and are not listed again. 'mailctl explain ADDRESS' follows one to its end."}}},
            .also = {"addresses"}};
}

} // namespace mailctl
