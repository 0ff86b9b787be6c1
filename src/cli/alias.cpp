// SPDX-License-Identifier: Apache-2.0
// `mailctl alias`: further names of mailboxes, within their domain.
#include "mailctl/admin/addresses.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

struct AliasesAndMailbox {
    std::vector<Address> aliases;
    Address mailbox;
};

// The last word is the mailbox; a bare alias belongs to its domain.
Result<AliasesAndMailbox> read_aliases_and_mailbox(const Invocation& invocation) {
    TRY_ASSIGN(Address mailbox, read_address(invocation, invocation.words.back()));
    const auto words = std::span<const std::string>(invocation.words).first(invocation.words.size() - 1);
    for (const auto& word : words) {
        TRY(check_has_name(word));
    }
    TRY_ASSIGN(std::vector<Address> aliases, read_targets(words, mailbox.domain));
    return AliasesAndMailbox{std::move(aliases), std::move(mailbox)};
}

Result<Report> run_alias_create(Invocation& invocation) {
    TRY_ASSIGN(const AliasesAndMailbox names, read_aliases_and_mailbox(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return create_aliases(invocation.world, names.aliases, names.mailbox, options);
}

Result<Report> run_alias_list(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<DomainName> domains, read_domains(invocation, invocation.words));
    return list_aliases(invocation.world, domains);
}

Result<Report> run_alias_delete(Invocation& invocation) {
    TRY_ASSIGN(const std::vector<Address> aliases, read_addresses(invocation, invocation.words));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return delete_aliases(invocation.world, aliases, options);
}

Result<Report> run_alias_move(Invocation& invocation) {
    TRY_ASSIGN(const AliasesAndMailbox names, read_aliases_and_mailbox(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return move_aliases(invocation.world, names.aliases, names.mailbox, options);
}

} // namespace

Noun alias_noun() {
    const Positional mailbox{"MAILBOX", Count::one, Values::mailbox};
    const Positional existing{"ALIAS", Count::many, Values::alias};
    return {.name = "alias",
            .summary = "further names of mailboxes",
            .commands =
                {
                    {.noun = "alias",
                     .verb = "create",
                     .summary = "give a mailbox further names",
                     .positionals = {{"ALIAS", Count::many}, mailbox},
                     .options = {},
                     .examples = {{"mailctl alias create info@example.org sales@example.org ann@example.org",
                                   "the last one is the mailbox"},
                                  {"mailctl alias create info sales ann@example.org",
                                   "an alias lives in the mailbox's domain"}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_alias_create},
                    {.noun = "alias",
                     .verb = "list",
                     .summary = "list aliases",
                     .positionals = {{"DOMAIN", Count::any, Values::domain}},
                     .options = {},
                     .examples = {{"mailctl alias list example.org", ""}},
                     .access = Access::read,
                     .right = Right::listing,
                     .run = run_alias_list},
                    {.noun = "alias",
                     .verb = "delete",
                     .summary = "take names from mailboxes",
                     .positionals = {existing},
                     .options = {},
                     .examples = {{"mailctl alias delete info@example.org", ""}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_alias_delete},
                    {.noun = "alias",
                     .verb = "move",
                     .summary = "give names to another mailbox",
                     .positionals = {existing, mailbox},
                     .options = {},
                     .examples = {{"mailctl alias move info@example.org bob@example.org", "of the same domain"}},
                     .access = Access::write,
                     .right = Right::domain,
                     .run = run_alias_move},
                },
            .also = {"aliases"}};
}

} // namespace mailctl
